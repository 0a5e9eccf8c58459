import { Command, InvalidArgumentError } from 'commander';
import { loadConfig, readEnvironment } from '@rookery/config';
import { DEFAULT_POOL, groupId, poolName, selfId, type GroupId, type PoolName, type SelfId } from '@rookery/protocol';
import { AccountRegistry, connectRedis, GroupAssignments } from '@rookery/redis';
import { AssignmentCommands } from '../assignments/assignment-commands';
import { clusterRedisUrl } from '../cluster/cluster-redis';

interface PoolOption {
  readonly pool: PoolName;
}

/** `rookery assignments`: which account answers in a group. */
export function assignmentsCommand(): Command {
  const command = new Command('assignments').description(
    'Which account answers in a group, whatever the policy of its pool says.\n指定某个群由哪个账号应答（优先于账号池策略）。',
  );
  command
    .command('list')
    .description('Lists what was assigned with this command.\n列出指定。')
    .option('--json', 'print JSON / 输出 JSON')
    .action((options: { json?: boolean }) => run((assignments) => assignments.list(options)));
  ofPool(command.command('set'))
    .argument('<group>', 'number of the group / 群号', parsed('a group number', groupId))
    .argument('<account>', 'QQ number / 账号', parsed('a QQ number', selfId))
    .description('Has this account answer there while it is online and not muted.\n指定应答账号。')
    .action((group: GroupId, account: SelfId, { pool }: PoolOption) =>
      run((assignments) => assignments.set({ group, pool }, account)),
    );
  ofPool(command.command('clear'))
    .argument('<group>', 'number of the group / 群号', parsed('a group number', groupId))
    .description('Leaves the choice to the pool again.\n取消指定。')
    .action((group: GroupId, { pool }: PoolOption) => run((assignments) => assignments.clear({ group, pool })));
  return command;
}

function ofPool(command: Command): Command {
  return command.option('--pool <name>', 'its pool / 账号池', parsed('the name of a pool', poolName), DEFAULT_POOL);
}

function parsed<T>(what: string, parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch {
      throw new InvalidArgumentError(`It must be ${what}.`);
    }
  };
}

async function run(command: (assignments: AssignmentCommands) => Promise<number>): Promise<void> {
  const env = readEnvironment();
  const config = loadConfig(env);
  const redis = await connectRedis(await clusterRedisUrl(env, config), 'producer', 'rookery-cli', () => undefined);
  try {
    const { AssignmentControl } = await import('@rookery/service'); // as in ClusterSession: not for those that need it not
    const registry = new AccountRegistry({ redis, config });
    process.exitCode = await command(
      new AssignmentCommands({
        control: new AssignmentControl({ assignments: new GroupAssignments(redis), registry }),
        print: (text) => void process.stdout.write(text),
      }),
    );
  } finally {
    redis.disconnect();
  }
}

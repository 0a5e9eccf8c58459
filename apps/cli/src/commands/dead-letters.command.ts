import { Command, InvalidArgumentError } from 'commander';
import { loadConfig, readEnvironment } from '@rookery/config';
import { connectRedis, DeadLetters, Retries } from '@rookery/redis';
import { clusterRedisUrl } from '../cluster/cluster-redis';
import { DeadLetterCommands, type ListOptions, type Selection } from '../dead-letters/dead-letter-commands';
import { numberFrom } from './numbers';

interface FilterOptions {
  readonly plugin?: string;
  readonly code?: string;
  readonly account?: string;
  readonly since?: number;
  readonly limit: number;
}

/** `rookery dead-letters`: events that no handler managed to handle. */
export function deadLettersCommand(): Command {
  const command = new Command('dead-letters').description(
    'Events whose handlers failed for good: look at them, hand them to the workers again, drop them.\n处理失败的事件：查看、重新投递、删除。',
  );
  filtered(command.command('list'), 100)
    .description('Lists them, newest first.\n列出死信，最新的在前。')
    .option('--json', 'print JSON / 输出 JSON')
    .action((options: FilterOptions & ListOptions) => run((letters) => letters.list(selection([], options), options)));
  command
    .command('show')
    .argument('<id>')
    .description('Prints one with its event, error and stack, as JSON.\n以 JSON 显示一条死信。')
    .action((id: string) => run((letters) => letters.show(id)));
  filtered(command.command('replay').argument('[ids...]'), 1_000)
    .description('Hands them to the workers again, ten a second.\n重新投递，每秒十条。')
    .action((ids: string[], options: FilterOptions) => run((letters) => letters.replay(selection(ids, options))));
  filtered(command.command('drop').argument('[ids...]'), 10_000)
    .description('Forgets them.\n删除死信。')
    .action((ids: string[], options: FilterOptions) => run((letters) => letters.drop(selection(ids, options))));
  return command;
}

function filtered(command: Command, limit: number): Command {
  return command
    .option('--plugin <id>', 'of this plugin / 插件')
    .option('--code <code>', 'with this error code / 错误码')
    .option('--account <qq>', 'seen by this account / 账号')
    .option('--since <time>', 'given up then or later, like 2026-01-31 or 2026-01-31T08:00Z / 起始时间', time)
    .option('--limit <n>', 'at most so many / 数量上限', numberFrom(1, 10_000, 'whole'), limit);
}

function selection(ids: readonly string[], { limit, plugin, code, account, since }: FilterOptions): Selection {
  const filter = {
    ...(plugin !== undefined && { plugin }),
    ...(code !== undefined && { code }),
    ...(account !== undefined && { account }),
    ...(since !== undefined && { since }),
  };
  return { ids, filter, limit };
}

function time(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('It must be a date, like 2026-01-31 or 2026-01-31T08:00Z.');
  return value;
}

async function run(command: (letters: DeadLetterCommands) => Promise<number>): Promise<void> {
  const env = readEnvironment();
  const config = loadConfig(env);
  const redis = await connectRedis(await clusterRedisUrl(env, config), 'producer', 'rookery-cli', () => undefined);
  try {
    const { partitions } = config;
    process.exitCode = await command(
      new DeadLetterCommands({
        letters: new DeadLetters(redis),
        retries: new Retries({ redis, partitions, onForeign: () => undefined }),
        print: (text) => void process.stdout.write(text),
      }),
    );
  } finally {
    redis.disconnect();
  }
}

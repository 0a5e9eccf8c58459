import { Argument, Command } from 'commander';
import { LOG_LEVELS, type LogLevel } from '@rookery/protocol';
import type { CommandOptions } from '../cluster/account-commands';
import type { ClusterSession } from '../cluster/session';
import { nodeTable } from '../cluster/show';

/** `rookery nodes`: the processes of a running cluster. */
export function nodesCommand(session: ClusterSession): Command {
  const nodes = new Command('nodes')
    .description('The running processes of the cluster.\n集群中正在运行的进程。')
    .option('--json', 'print JSON / 输出 JSON')
    .action((options: CommandOptions) =>
      session.run(async ({ control, context: { print, clock, colours } }) => {
        const found = await control.nodes();
        print(options.json ? `${JSON.stringify(found)}\n` : nodeTable(found, clock.now(), colours));
        return found.length === 0 ? 1 : 0;
      }),
    );
  nodes
    .command('log-level')
    .addArgument(new Argument('<level>', 'until a process restarts / 直到进程重启').choices([...LOG_LEVELS]))
    .description('Changes how much every process logs.\n修改所有进程的日志级别。')
    .action((level: LogLevel) =>
      session.run(async ({ control, context: { print } }) => {
        const told = await control.setLogLevel(level);
        print(`${told.length} processes log at ${level} now / 已通知 ${told.length} 个进程\n`);
        return told.length === 0 ? 1 : 0;
      }),
    );
  return nodes;
}

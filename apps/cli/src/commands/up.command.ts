import { Command } from 'commander';
import { readEnvironment } from '@rookery/config';
import { systemClock } from '@rookery/protocol';
import { runUp, type FleetOptions, type UpContext } from '../up/run-up';
import { StopRequests } from '../up/stop-requests';
import { consoleOutput, scriptOf } from './foreground';
import { numberFrom } from './numbers';

export function upCommand(): Command {
  return sized(new Command('up'))
    .description(
      'Runs Redis, connector, worker and console here; without accounts also a simulated fleet.\n' +
        '在本机启动全部进程；没有配置账号时同时启动模拟账号。',
    )
    .action(async (options: FleetOptions) => {
      process.exitCode = await runUp(options, upContext());
    });
}

export function sized(command: Command): Command {
  return command
    .option('--accounts <n>', 'size of the simulated fleet / 模拟账号数量 (1-5000)', numberFrom(1, 5000, 'whole'))
    .option('--rate <r>', 'simulated messages per second / 每秒模拟消息数 (0-5000)', numberFrom(0, 5000, 'any'));
}

export function upContext(): UpContext {
  const requests = new StopRequests(process, process.stdout, systemClock);
  return { env: readEnvironment(), scriptOf, requests, output: consoleOutput(), clock: systemClock };
}

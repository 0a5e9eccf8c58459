import { Command } from 'commander';
import { join } from 'node:path';
import { loadConfig, readEnvironment } from '@rookery/config';
import { systemClock } from '@rookery/protocol';
import { CommandFailure } from '../failure';
import { startChild } from '../up/child';
import { writeFleetFile } from '../up/fleet-file';
import { DEFAULT_FLEET, simulatorArguments, type FleetSize } from '../up/simulated-fleet';
import { StopRequests } from '../up/stop-requests';
import { consoleOutput, scriptOf } from './foreground';
import { numberFrom } from './numbers';

interface SimOptions extends FleetSize {
  readonly fleet?: string;
}

export function simCommand(): Command {
  return new Command('sim')
    .description('Runs only the simulated accounts, for a cluster elsewhere.\n只启动模拟账号，供其他进程连接。')
    .option('--accounts <n>', 'how many / 数量 (1-5000)', numberFrom(1, 5000, 'whole'), DEFAULT_FLEET.accounts)
    .option('--rate <r>', 'messages per second / 每秒消息数 (0-5000)', numberFrom(0, 5000, 'any'), DEFAULT_FLEET.rate)
    .option(
      '--fleet <file>',
      'where to write the accounts for ROOKERY_FLEET / 账号文件 (default: <dataDir>/run/sim.yaml)',
    )
    .action(runSim);
}

async function runSim(options: SimOptions): Promise<void> {
  const env = readEnvironment();
  const config = loadConfig(env);
  const output = consoleOutput();
  const aborted = new AbortController();
  const requests = new StopRequests(process, process.stdout, systemClock);
  const script = [scriptOf('simulator'), ...simulatorArguments(config, options)];
  const starting = startChild({ app: 'simulator', script, env }, { output, clock: systemClock }, aborted.signal);
  void requests.first.then(() => aborted.abort());
  const simulator = await starting;
  const path = options.fleet ?? join(config.dataDir, 'run', 'sim.yaml');
  await writeFleetFile(path, simulator.ready);
  output.say('info', `the accounts and their tokens are in ${path}; start the cluster with ROOKERY_FLEET=${path}`);
  const ended = await Promise.race([requests.first, simulator.gone]);
  if (ended !== undefined) throw new CommandFailure(`the simulator ${ended}`);
  await simulator.stop();
}

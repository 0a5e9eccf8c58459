import { Command } from 'commander';
import { join } from 'node:path';
import picocolors from 'picocolors';
import { loadConfig, readEnvironment } from '@rookery/config';
import { systemClock } from '@rookery/protocol';
import { CommandFailure, explain } from '../failure';
import { LocalCluster } from '../up/local-cluster';
import { nextSteps } from '../up/next-steps';
import { JsonOutput, TerminalOutput, type Output } from '../up/output';
import { DEFAULT_FLEET, type FleetSize } from '../up/simulated-fleet';
import { numberFrom } from './numbers';

type FleetOptions = Partial<FleetSize>;

export function upCommand(): Command {
  return new Command('up')
    .description(
      'Runs Redis, connector, worker and console here; without accounts also a simulated fleet.\n' +
        '在本机启动全部进程；没有配置账号时同时启动模拟账号。',
    )
    .option('--accounts <n>', 'size of the simulated fleet / 模拟账号数量 (1-5000)', numberFrom(1, 5000, 'whole'))
    .option('--rate <r>', 'simulated messages per second / 每秒模拟消息数 (0-5000)', numberFrom(0, 5000, 'any'))
    .action(async (options: FleetOptions) => {
      process.exitCode = await runUp(options, consoleOutput());
    });
}

export function consoleOutput(): Output {
  const write = (text: string) => void process.stdout.write(text);
  return process.stdout.isTTY
    ? new TerminalOutput(write, picocolors.createColors())
    : new JsonOutput(write, systemClock);
}

/** Compiled, the apps lie beside us: dist/apps/<app>/src/main.js. */
export const scriptOf = (app: string) => join(__dirname, '../../..', app, 'src', 'main.js');

/** Exit code of `up`: 0 when it was asked to stop, 1 when it could not start. */
async function runUp(options: FleetOptions, output: Output): Promise<number> {
  let cluster: LocalCluster | undefined;
  const asked = stopRequest(() => cluster?.kill());
  try {
    const env = readEnvironment();
    const config = loadConfig(env);
    const fleet = fleetSize(options, config.accounts.length);
    cluster = new LocalCluster({ env, config, scriptOf, output, clock: systemClock, ...(fleet && { fleet }) });
    const addresses = await Promise.race([cluster.start(), asked]);
    if (addresses !== undefined) output.notice(nextSteps({ config, addresses, ...(fleet && { fleet }) }));
    await asked;
    output.say('info', 'stopping / 正在停止 …');
    await cluster.stop();
    output.say('info', 'stopped / 已停止');
    return 0;
  } catch (error) {
    await cluster?.stop();
    output.say('fatal', explain(error));
    return 1;
  }
}

function fleetSize(options: FleetOptions, configured: number): FleetSize | undefined {
  if (configured === 0) return { ...DEFAULT_FLEET, ...options };
  if (options.accounts === undefined && options.rate === undefined) return undefined;
  throw new CommandFailure(
    `--accounts and --rate size the simulated fleet, but ${configured} accounts are configured; leave the options out, ` +
      'or try them with ROOKERY_CONFIG naming a file without accounts',
  );
}

/** Resolves at the first request to stop; at the second one `force` is called. A vanished terminal counts as a request. */
function stopRequest(force: () => void): Promise<undefined> {
  return new Promise((resolve) => {
    let requests = 0;
    const request = () => {
      requests += 1;
      if (requests > 1) force();
      else resolve(undefined);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, request);
    process.stdout.on('error', () => resolve(undefined));
  });
}

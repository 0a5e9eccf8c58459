import { type Environment, exitCodeOf, loadConfig } from '@rookery/config';
import type { Clock } from '@rookery/protocol';
import { CommandFailure, explain } from '../failure';
import { LocalCluster, type LocalClusterOptions } from './local-cluster';
import { nextSteps } from './next-steps';
import type { Output } from './output';
import { DEFAULT_FLEET, type FleetSize } from './simulated-fleet';
import type { StopRequests } from './stop-requests';

export type FleetOptions = Partial<FleetSize>;

export interface UpContext {
  readonly env: Environment;
  readonly output: Output;
  readonly clock: Clock;
  readonly scriptOf: LocalClusterOptions['scriptOf'];
  readonly standbyScript?: LocalClusterOptions['standbyScript'];
  readonly requests: StopRequests;
  /** Size of the simulated fleet where nothing else is said. */
  readonly usualFleet?: FleetSize;
  /** What else is done while the cluster is up; returns how it is ended. */
  readonly alongside?: (cluster: LocalCluster) => () => Promise<void>;
}

/** Exit code of `up`: 0 when it was asked to stop, 1 when it could not start. */
export async function runUp(options: FleetOptions, context: UpContext): Promise<number> {
  const { env, output, clock, scriptOf, standbyScript, requests } = context;
  let cluster: LocalCluster | undefined;
  requests.onForced(() => cluster?.kill());
  try {
    const config = loadConfig(env);
    const fleet = fleetSize(options, config.accounts.length, context.usualFleet ?? DEFAULT_FLEET);
    const waiting = standbyScript === undefined ? {} : { standbyScript };
    cluster = new LocalCluster({ env, config, scriptOf, output, clock, ...waiting, ...(fleet && { fleet }) });
    const addresses = await Promise.race([cluster.start(), requests.first]);
    if (addresses !== undefined) output.notice(nextSteps({ config, addresses, ...(fleet && { fleet }) }));
    const end = addresses === undefined ? undefined : context.alongside?.(cluster);
    await requests.first;
    await end?.();
    output.say('info', 'stopping / 正在停止 …');
    await cluster.stop();
    output.say('info', 'stopped / 已停止');
    return 0;
  } catch (error) {
    await cluster?.stop();
    output.say('fatal', explain(error));
    return exitCodeOf(error);
  }
}

function fleetSize(options: FleetOptions, configured: number, usual: FleetSize): FleetSize | undefined {
  if (configured === 0) return { ...usual, ...options };
  if (options.accounts === undefined && options.rate === undefined) return undefined;
  throw new CommandFailure(
    `--accounts and --rate size the simulated fleet, but ${configured} accounts are configured; leave the options out, ` +
      'or try them with ROOKERY_CONFIG naming a file without accounts',
  );
}

import { execFileSync } from 'node:child_process';
import { until } from '../../e2e/support/processes';
import { cutPower, hasEnded } from '../support/power-cut';
import { WINDOW_S, type Node, type Stage } from './stage';

const LEASE_MS = 6_000;
/** After a takeover an account is silent for one window of its limits. */
const COLD_MS = WINDOW_S * 1_020;
const TAKEOVER_MS = LEASE_MS + 2_000;
const LONGER_THAN_LEASE_MS = 10_000;
/** Longer than the 15 s after which a connection without an answer is given up. */
const HALF_OPEN_MS = 17_000;
const PAUSE_MS = 10_000;
/** Shorter than the 20 s after which a send is given up, so that what hung is carried out and known. */
const FROZEN_MS = 15_000;
const NAPCAT_AWAY_MS = 2_000;
/** One account in so many. */
const SHARE = 3;
const FULL_MS = 10_000;
const REDIS_AWAY_MS = 500;

/** Since when writes may be forgotten that Redis had taken, milliseconds since 1970; nothing where none are. */
type ForgetsSince = number | void;

export interface Fault {
  begin(stage: Stage, draw: number): Promise<ForgetsSince> | ForgetsSince;
  /** For so long it lasts. */
  readonly holdMs: number;
  heal?(stage: Stage, draw: number): Promise<ForgetsSince> | ForgetsSince;
  /** From when on the time to recovery counts: others go on meanwhile, or nobody can. */
  readonly countedFrom: 'begin' | 'heal';
  /** Within so long every account answers a new question. */
  readonly recoversWithinMs: number;
}

const any = (stage: Stage, draw: number): Node => stage.drawn(stage.nodes, draw);
const connector = (stage: Stage, draw: number): Node => stage.drawn(stage.of('connector'), draw);
const worker = (stage: Stage, draw: number): Node => stage.drawn(stage.of('worker'), draw);

const kill = (whom: typeof any, recoversWithinMs: number): Fault => ({
  begin: (stage, draw) => stage.end(whom(stage, draw), 'SIGKILL'),
  holdMs: 0,
  countedFrom: 'begin',
  recoversWithinMs,
});

const stop = (whom: typeof any, recoversWithinMs: number): Fault => ({
  begin: (stage, draw) => whom(stage, draw).process.signal('SIGSTOP'),
  holdMs: LONGER_THAN_LEASE_MS,
  heal: (stage, draw) => whom(stage, draw).process.signal('SIGCONT'),
  countedFrom: 'begin',
  recoversWithinMs,
});

const drain = (whom: typeof any, recoversWithinMs: number): Fault => ({
  begin: (stage, draw) => stage.end(whom(stage, draw), 'SIGTERM'),
  holdMs: 0,
  countedFrom: 'heal',
  recoversWithinMs,
});

const redisAway = (signal: NodeJS.Signals): Fault => ({
  async begin({ redis }) {
    const { pid } = redis.server;
    process.kill(pid, signal);
    await until('Redis has ended', () => hasEnded(pid), 30_000);
  },
  holdMs: REDIS_AWAY_MS,
  heal: ({ redis }) => redis.server.restart(),
  countedFrom: 'heal',
  recoversWithinMs: TAKEOVER_MS + COLD_MS,
});

/** By name, as `--fault` takes it. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'kill-connector': kill(connector, TAKEOVER_MS + COLD_MS),
  'kill-worker': kill(worker, TAKEOVER_MS),
  'stop-connector': stop(connector, TAKEOVER_MS + COLD_MS),
  'stop-worker': stop(worker, TAKEOVER_MS),
  'drain-connector': drain(connector, 1_500 + COLD_MS),
  'drain-worker': drain(worker, 1_500),
  'rolling-restart': {
    async begin(stage) {
      for (const node of stage.nodes) {
        await stage.end(node, 'SIGTERM');
        await stage.whole();
      }
    },
    holdMs: 0,
    countedFrom: 'heal',
    recoversWithinMs: 1_500 + COLD_MS,
  },
  'redis-restart': redisAway('SIGTERM'),
  'redis-kill': redisAway('SIGKILL'),
  'power-cut': {
    begin: ({ cluster, redis }, draw) => cutPower(cluster.client, redis.server.pid, draw),
    holdMs: REDIS_AWAY_MS,
    heal: ({ redis }) => redis.server.restart(),
    countedFrom: 'heal',
    recoversWithinMs: TAKEOVER_MS + COLD_MS,
  },
  'redis-pause': {
    begin: ({ redis }) => void process.kill(redis.server.pid, 'SIGSTOP'),
    holdMs: PAUSE_MS,
    heal: ({ redis }) => void process.kill(redis.server.pid, 'SIGCONT'),
    countedFrom: 'heal',
    recoversWithinMs: 2_000 + COLD_MS,
  },
  cut: {
    begin: (stage, draw) => any(stage, draw).way.close(),
    holdMs: LONGER_THAN_LEASE_MS,
    heal: (stage, draw) => any(stage, draw).way.reopen(),
    countedFrom: 'begin',
    recoversWithinMs: TAKEOVER_MS + COLD_MS,
  },
  'half-open': {
    begin: (stage, draw) => any(stage, draw).way.swallow(),
    holdMs: HALF_OPEN_MS,
    heal: (stage, draw) => any(stage, draw).way.heal(),
    countedFrom: 'begin',
    recoversWithinMs: TAKEOVER_MS + COLD_MS,
  },
  'napcat-frozen': {
    begin: (stage, draw) => someEndpoints(stage, draw).forEach((endpoint) => endpoint.freeze()),
    holdMs: FROZEN_MS,
    heal: (stage, draw) => someEndpoints(stage, draw).forEach((endpoint) => endpoint.thaw()),
    countedFrom: 'heal',
    recoversWithinMs: 5_000 + COLD_MS,
  },
  'napcat-restart': {
    begin: (stage, draw) => someEndpoints(stage, draw).forEach((endpoint) => endpoint.stop()),
    holdMs: NAPCAT_AWAY_MS,
    heal: (stage, draw) => someEndpoints(stage, draw).forEach((endpoint) => endpoint.start()),
    countedFrom: 'heal',
    recoversWithinMs: 10_000 + COLD_MS,
  },
  'redis-disk-full': {
    begin: ({ redis }) => fileSizeLimit(redis.server.pid, '1'),
    holdMs: FULL_MS,
    heal: ({ redis }) => fileSizeLimit(redis.server.pid, 'unlimited'),
    countedFrom: 'heal',
    recoversWithinMs: 2_000 + COLD_MS,
  },
  'clock-jump': {
    async begin({ cluster }) {
      for (const realm of ['accounts', 'partitions']) {
        await cluster.client.eval(JUMP, 1, `rookery:{leases-${realm}}:nodes`, 2 * LEASE_MS);
      }
    },
    // A node renews three times a lease; until then a former holder does not know that it is none, and its successor begins anew what it has in hand.
    holdMs: LEASE_MS / 2,
    countedFrom: 'begin',
    recoversWithinMs: TAKEOVER_MS + COLD_MS,
  },
  'redis-failover': {
    begin: ({ redis }) => redis.follow(),
    holdMs: 0,
    heal: ({ redis }) => redis.die(),
    countedFrom: 'heal',
    recoversWithinMs: TAKEOVER_MS + COLD_MS,
  },
};

/** The clock of Redis goes forward: all heartbeats have run out at once, long before their senders can know. */
const JUMP = `
for i, node in ipairs(redis.call('HKEYS', KEYS[1])) do
  local entry = cjson.decode(redis.call('HGET', KEYS[1], node))
  entry['until'] = entry['until'] - ARGV[1]
  redis.call('HSET', KEYS[1], node, cjson.encode(entry))
end
`;

function someEndpoints({ cluster }: Stage, draw: number) {
  return [...cluster.fleet.host.all].filter((_, at) => at % SHARE === Math.floor(draw * SHARE));
}

/** The soft limit alone, which anybody may raise again: every write to a file fails, as on a full disk, and no disk is filled. */
function fileSizeLimit(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

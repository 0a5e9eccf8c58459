import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisLeaseStore } from '@rookery/redis';
import { metricValue, until, type RunningProcess } from '../e2e/support/processes';
import { FaultyCluster, heldBy, nodeIn } from './support/cluster';
import { FailoverRedis } from './support/failover-redis';
import { figure } from './support/figure';
import { SIZES } from './support/sizes';
import { Talk } from './support/talk';

const ACCOUNTS = SIZES.accounts;
const LEASE_MS = 6_000;
/** A fault, the lease time in which nobody acts, the takeover, and the sharing out again. */
const FAULT_LIMIT_MS = 90_000;
const PER_SECOND = 100;
const MOST_JUMPS = 5;

let redis: FailoverRedis;
let cluster: FaultyCluster;
let connectors: [RunningProcess, RunningProcess];

beforeAll(async () => {
  redis = await FailoverRedis.start();
  cluster = await FaultyCluster.start(ACCOUNTS, 'single', { given: redis });
  await cluster.run('worker');
  connectors = await Promise.all([cluster.run('connector'), cluster.run('connector')]);
  await cluster.shared('accounts', connectors);
});
afterAll(async () => {
  await cluster?.stop();
});

const selves = () => cluster.fleet.accounts.map(({ selfId }) => selfId);
const range = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Leases that the connectors have found to be taken from them. */
async function lost(): Promise<number> {
  const texts = await Promise.all(connectors.map((process) => process.metrics()));
  const series = 'rookery_leases_lost_total{realm="accounts",reason="taken"}';
  return texts.reduce((sum, text) => sum + metricValue(text, series), 0);
}

/** After the dust has settled: every account has one owner, one connection, and that owner answers. */
async function auditOwners(tag: string): Promise<void> {
  await cluster.shared('accounts', connectors);
  await until('every account has one connection', () =>
    [...cluster.fleet.host.all].every((endpoint) => endpoint.clients.length === 1),
  );
  const table = await new RedisLeaseStore(cluster.client, 'accounts').all();
  expect(table.map(({ key }) => key).sort()).toEqual([...selves()].sort());
  for (const process of connectors) {
    const node = nodeIn(await process.metrics());
    expect(table.filter((lease) => lease.node === node).length).toBe(await heldBy(process, 'accounts'));
  }
  for (const self of selves()) cluster.ask(self, tag, 1);
  await until('every account answers once', () => selves().every((self) => cluster.answers(self, tag).length === 1));
}

/** The clock of Redis goes forward: all heartbeats have run out at once, long before their senders can know. */
const JUMP = `
for i, node in ipairs(redis.call('HKEYS', KEYS[1])) do
  local entry = cjson.decode(redis.call('HGET', KEYS[1], node))
  entry['until'] = entry['until'] - ARGV[1]
  redis.call('HSET', KEYS[1], node, cjson.encode(entry))
end
`;

/**
 * Jumps until one connector has taken leases of the other. A jump takes none when both happen to renew in the same few
 * milliseconds: each then finds the other alive again.
 */
async function jumpUntil(taken: () => Promise<boolean>): Promise<void> {
  for (let jumps = 1; ; jumps += 1) {
    await cluster.client.eval(JUMP, 1, 'rookery:{leases-accounts}:nodes', 2 * LEASE_MS);
    try {
      return await until('leases are lost', taken, LEASE_MS);
    } catch (error) {
      if (jumps === MOST_JUMPS) throw error;
    }
  }
}

describe('leases that are lost while their holders are well', () => {
  it(
    'by jumps of the clock of Redis: no former holder acts, and no message is answered twice',
    async () => {
      const before = { stale: cluster.staleActions, lost: await lost() };
      let doubled = 0;
      for (const n of range(SIZES.jumps)) {
        const lostBefore = await lost();
        const talk = new Talk(cluster, selves(), `jump${n}`, PER_SECOND);
        await until('answers flow', () => talk.said - talk.unanswered > 20);
        await jumpUntil(async () => (await lost()) > lostBefore);
        await cluster.shared('accounts', connectors);
        talk.end();
        await auditOwners(`jumped${n}`);
        doubled += talk.doubled;
      }
      const leases = (await lost()) - before.lost;
      figure('clock jump: jumps beyond the lease', SIZES.jumps, '');
      figure('clock jump: leases of accounts lost by that', leases, '');
      figure('clock jump: actions of a former holder', cluster.staleActions - before.stale, '', { atMost: 0 });
      figure('clock jump: messages answered twice', doubled, '', { atMost: 0 });
      expect(leases).toBeGreaterThan(0);
      expect(cluster.staleActions).toBe(before.stale);
      expect(doubled).toBe(0);
    },
    SIZES.jumps * FAULT_LIMIT_MS,
  );

  it(
    'by failover to a replica that knows nothing of the last takeover: at no time do two holders act',
    async () => {
      let leases = 0;
      let mixed = 0;
      for (const n of range(SIZES.failovers)) {
        await redis.follow();
        const [sleeper, taker] = connectors;
        const held = await heldBy(sleeper, 'accounts');
        expect(held).toBeGreaterThan(0);
        await redis.freeze();
        // From here on the replica believes that the sleeper has its accounts, with their old epochs.
        sleeper.signal('SIGSTOP');
        await cluster.online(ACCOUNTS, [taker], 3 * LEASE_MS);
        const before = new Map(selves().map((self) => [self, cluster.comebacks(self)]));
        const talk = new Talk(cluster, selves(), `failover${n}`, PER_SECOND);
        await until('answers flow', () => talk.said - talk.unanswered > 20);
        sleeper.signal('SIGCONT');
        await redis.failOver();
        const failedAt = performance.now();
        await cluster.online(ACCOUNTS, connectors, FAULT_LIMIT_MS / 3);
        talk.end();
        await auditOwners(`over${n}`);
        leases += held;
        // The sleeper rightly gets its accounts back, over connections that it never lost: one comeback each.
        mixed += selves().filter((self) => cluster.comebacks(self) - (before.get(self) ?? 0) > 1).length;
        figure('failover: every account answers again after', (performance.now() - failedAt) / 1000, 's');
      }
      figure('failover: leases of accounts that Redis had forgotten', leases, '');
      figure('failover: accounts for which two holders acted by turns', mixed, '', { atMost: 0 });
      expect(mixed).toBe(0);
    },
    SIZES.failovers * FAULT_LIMIT_MS,
  );
});

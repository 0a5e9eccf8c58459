/**
 * How large the tests of this folder are. The defaults fit CI; `npm run resilience:ownership`,
 * `resilience:events`, `resilience:outbound` and `resilience` ask for more:
 *
 * RESILIENCE_ACCOUNTS        accounts that two connectors share (40)
 * RESILIENCE_DUAL_ACCOUNTS   accounts that are attached twice (10)
 * RESILIENCE_KILLS           connectors killed under them, one after the other (2)
 * RESILIENCE_STOPS           times that a connector is stopped for longer than its lease, the two in turn (2)
 * RESILIENCE_JUMPS           jumps of Redis's clock beyond the lease (2)
 * RESILIENCE_FAILOVERS       failovers to a replica that lags behind by more than a lease (1)
 * RESILIENCE_DRAIN_RATE      messages per second while a connector drains (400)
 * RESILIENCE_OUTAGES_MS      how long Redis is out of reach, one outage after the other, separated by commas (500,3000)
 * RESILIENCE_SILENCE_MS      for how long the way to Redis swallows every byte (17,000)
 * RESILIENCE_SLOW_SECONDS    for which one handler keeps its conversation (5)
 * RESILIENCE_OUTBOUND_ACCOUNTS  accounts that are asked for ten times what they may send (10)
 * RESILIENCE_OUTBOUND_CALM_SECONDS  for how long before the first fault (1)
 * RESILIENCE_OUTBOUND_SECONDS   for how long with faults (12)
 * RESILIENCE_OUTBOUND_KILLS     holders killed meanwhile (1)
 * RESILIENCE_RANDOM_KILLS       connectors and workers killed at random moments (4)
 * RESILIENCE_RANDOM_SECONDS     at most for so long, however many were killed by then (120)
 * RESILIENCE_SEED               of what is random (1)
 * RESILIENCE_TICK_KILLS       processes killed at the tick of a schedule (10)
 * RESILIENCE_MOVE_RATE        messages per second while partitions move from worker to worker (40)
 * RESILIENCE_CHAOS_ACCOUNTS   accounts of a run of mixed faults (10)
 * RESILIENCE_CHAOS_FAULTS     which, separated by commas, or all
 * RESILIENCE_CHAOS_MINUTES    for how long; 0: each of them once (0)
 * RESILIENCE_OLDER           the commit whose build works beside today's (older-build.ts has one)
 * RESILIENCE_MASTER_KILLS    masters of a Redis Cluster killed one after the other, up to three (1)
 * RESILIENCE_FIGURES         a file to which each measured figure is added as one line of JSON; none by default
 */
export const SIZES = {
  accounts: count('RESILIENCE_ACCOUNTS', 40),
  dualAccounts: count('RESILIENCE_DUAL_ACCOUNTS', 10),
  kills: count('RESILIENCE_KILLS', 2),
  stops: count('RESILIENCE_STOPS', 2),
  jumps: count('RESILIENCE_JUMPS', 2),
  failovers: count('RESILIENCE_FAILOVERS', 1),
  drainRate: count('RESILIENCE_DRAIN_RATE', 400),
  outagesMs: (process.env['RESILIENCE_OUTAGES_MS'] ?? '500,3000').split(',').map(Number),
  silenceMs: count('RESILIENCE_SILENCE_MS', 17_000),
  slowSeconds: count('RESILIENCE_SLOW_SECONDS', 5),
  outboundAccounts: count('RESILIENCE_OUTBOUND_ACCOUNTS', 10),
  outboundCalmSeconds: count('RESILIENCE_OUTBOUND_CALM_SECONDS', 1),
  outboundSeconds: count('RESILIENCE_OUTBOUND_SECONDS', 12),
  outboundKills: count('RESILIENCE_OUTBOUND_KILLS', 1),
  randomKills: count('RESILIENCE_RANDOM_KILLS', 4),
  randomSeconds: count('RESILIENCE_RANDOM_SECONDS', 120),
  seed: count('RESILIENCE_SEED', 1),
  tickKills: count('RESILIENCE_TICK_KILLS', 10),
  moveRate: count('RESILIENCE_MOVE_RATE', 40),
  chaosAccounts: count('RESILIENCE_CHAOS_ACCOUNTS', 10),
  chaosFaults: process.env['RESILIENCE_CHAOS_FAULTS'] ?? 'kill-connector,kill-worker,redis-kill,redis-disk-full',
  chaosMinutes: Number(process.env['RESILIENCE_CHAOS_MINUTES'] ?? '0'),
  older: process.env['RESILIENCE_OLDER'],
  masterKills: count('RESILIENCE_MASTER_KILLS', 1),
  figures: process.env['RESILIENCE_FIGURES'],
};

function count(name: string, byDefault: number): number {
  const given = process.env[name];
  const value = given === undefined ? byDefault : Number(given);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${name} is ${given}, and must be a whole number from 1 on`);
  return value;
}

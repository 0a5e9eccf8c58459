import { createHash } from 'node:crypto';
import { LANES, SECOND, type Lane, type SelfId } from '@rookery/protocol';
import { PREFIX, type Redis } from '@rookery/redis';
import { actionQueueName, eventQueueName, PRIORITY, readQueueName } from './catalogue';

/** Jobs of one kind of queue, by what becomes of them. `delayed` ones wait too, but for their time. */
export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** What waits in all queues of the cluster. Ages in seconds, 0 where nothing waits. */
export interface QueueDepths {
  readonly events: JobCounts;
  readonly actions: JobCounts;
  readonly reads: JobCounts;
  readonly inboundOldestSeconds: number;
  readonly outboundWaiting: Readonly<Record<Lane, number>>;
  readonly outboundOldestSeconds: Readonly<Record<Lane, number>>;
}

/**
 * KEYS[1..5]  wait list (next to be taken last), active list, prioritized, delayed and failed sets of one queue
 * KEYS[6..]    per lane the sorted set of jobs that stand in rooms: they wait, though BullMQ has them among the delayed ones
 * ARGV[1]     prefix of its job keys
 * ARGV[2..]   priorities, one for each lane of the queue
 * returns     { waiting, active, delayed, failed, timestamp of the oldest in the wait list or 0,
 *               then for each priority: how many wait, timestamp of the first of them or 0 }
 */
const DEPTHS = `
local function stamp(id)
  return id and tonumber(redis.call('HGET', ARGV[1] .. id, 'timestamp') or '0') or 0
end
local list = redis.call('LLEN', KEYS[1])
local first = list > 0 and redis.call('LINDEX', KEYS[1], -1) or nil
local answer = {
  list + redis.call('ZCARD', KEYS[3]), redis.call('LLEN', KEYS[2]), redis.call('ZCARD', KEYS[4]),
  redis.call('ZCARD', KEYS[5]), stamp(first)
}
local standing = 0
for i = 2, #ARGV do
  local from = ARGV[i] * 0x100000000
  local to = '(' .. string.format('%.0f', from + 0x100000000)
  from = string.format('%.0f', from)
  local room = KEYS[i + 4]
  local inside = room and redis.call('ZCARD', room) or 0
  standing = standing + inside
  answer[#answer + 1] = redis.call('ZCOUNT', KEYS[3], from, to) + inside
  answer[#answer + 1] = inside > 0 and stamp(redis.call('ZRANGE', room, 0, 0)[1])
    or stamp(redis.call('ZRANGEBYSCORE', KEYS[3], from, to, 'LIMIT', 0, 1)[1])
end
answer[1], answer[3] = answer[1] + standing, math.max(0, answer[3] - standing)
return answer
`;
const DEPTHS_SHA = createHash('sha1').update(DEPTHS).digest('hex');

/** Queues asked at a time: so many small calls are on their way together, and Redis is free in between. */
const AT_A_TIME = 100;

interface Sum {
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  /** By lane; the events have none. Milliseconds since 1970, Infinity when nothing waits. */
  readonly lanes: Map<Lane | undefined, { waiting: number; oldest: number }>;
}

/** Looks into every queue of the cluster: one small call to Redis per queue, each within one slot. Rejects when Redis is away. */
export async function readQueueDepths(
  redis: Redis,
  { partitions, accounts, now }: { partitions: number; accounts: readonly SelfId[]; now: number },
): Promise<QueueDepths> {
  const sends = LANES.filter((lane) => lane !== 'read');
  const eventQueues = Array.from({ length: partitions }, (_, partition) => eventQueueName(partition));
  const [events, actions, reads] = [
    await sumOf(redis, eventQueues, []),
    await sumOf(redis, accounts.map(actionQueueName), sends),
    await sumOf(redis, accounts.map(readQueueName), ['read']),
  ];
  const age = (oldest: number | undefined) =>
    oldest === undefined || oldest === Infinity ? 0 : Math.max(0, (now - oldest) / SECOND);
  const lanes = new Map([...actions.lanes, ...reads.lanes]);
  const perLane = (of: (lane: Lane) => number) =>
    Object.fromEntries(LANES.map((lane) => [lane, of(lane)])) as Record<Lane, number>;
  return {
    events: counts(events),
    actions: counts(actions),
    reads: counts(reads),
    inboundOldestSeconds: age(events.lanes.get(undefined)?.oldest),
    outboundWaiting: perLane((lane) => lanes.get(lane)?.waiting ?? 0),
    outboundOldestSeconds: perLane((lane) => age(lanes.get(lane)?.oldest)),
  };
}

const counts = ({ waiting, active, delayed, failed }: Sum): JobCounts => ({ waiting, active, delayed, failed });

async function sumOf(redis: Redis, names: readonly string[], lanes: readonly Lane[]): Promise<Sum> {
  const sum: Sum = { waiting: 0, active: 0, delayed: 0, failed: 0, lanes: new Map() };
  for (let at = 0; at < names.length; at += AT_A_TIME) {
    const answers = await Promise.all(names.slice(at, at + AT_A_TIME).map((name) => depths(redis, name, lanes)));
    for (const answer of answers) {
      const [waiting = 0, active = 0, delayed = 0, failed = 0, oldest = 0, ...perLane] = answer;
      sum.waiting += waiting;
      sum.active += active;
      sum.delayed += delayed;
      sum.failed += failed;
      note(sum, undefined, waiting, oldest);
      for (const [index, lane] of lanes.entries()) {
        note(sum, lane, perLane[2 * index] ?? 0, perLane[2 * index + 1] ?? 0);
      }
    }
  }
  return sum;
}

function note(sum: Sum, lane: Lane | undefined, waiting: number, oldest: number): void {
  const known = sum.lanes.get(lane) ?? { waiting: 0, oldest: Infinity };
  known.waiting += waiting;
  if (oldest > 0) known.oldest = Math.min(known.oldest, oldest);
  sum.lanes.set(lane, known);
}

async function depths(redis: Redis, name: string, lanes: readonly Lane[]): Promise<readonly number[]> {
  const prefix = `${PREFIX}:${name}:`;
  const parts = ['wait', 'active', 'prioritized', 'delayed', 'failed'].map((part) => `${prefix}${part}`);
  const account = /^actions-(.+)$/.exec(name)?.[1];
  const rooms = account === undefined ? [] : lanes.map((lane) => `${PREFIX}:${account}:lane:${lane}`);
  const keys = [...parts, ...rooms];
  const args = [...keys, prefix, ...lanes.map((lane) => PRIORITY[lane])];
  try {
    return (await redis.evalsha(DEPTHS_SHA, keys.length, ...args)) as number[];
  } catch (thrown) {
    // Redis has not seen the script yet, or forgot it in a restart.
    if (!(thrown instanceof Error) || !thrown.message.startsWith('NOSCRIPT')) throw thrown;
    return (await redis.eval(DEPTHS, keys.length, ...args)) as number[];
  }
}

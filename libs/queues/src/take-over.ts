import { LEFT, PREFIX, type Redis } from '@rookery/redis';
import { MAX_STALLED } from './queue-backend';

/**
 * Puts jobs that an earlier consumer had in hand back to the front of a queue, in the order in which they were taken.
 *
 * BullMQ does this only when a job's lock has run out, one stall check later, and then in any order; a new holder that began
 * with what waits in the queue would overtake the jobs in hand. Here the lease has already decided that the earlier consumer may
 * not go on, so its locks are removed: what it still ends is refused with "missing lock". What it left of its own accord does not
 * count as having ended it.
 *
 * KEYS[1]  active list, newest taken first
 * KEYS[2]  wait list, next to be taken last
 * KEYS[3]  prioritized jobs
 * KEYS[4]  stalled set
 * KEYS[5]  marker that wakes blocked consumers
 * ARGV[1]  prefix of job keys
 * ARGV[2]  what the lock of a job says that was left
 * ARGV[3]  so often a job may be put back; one more marks it as failed, so that a job that kills its consumers ends
 * returns  how many were put back
 */
const TAKE_OVER = `
local active = redis.call('LRANGE', KEYS[1], 0, -1)
for i, id in ipairs(active) do
  local job = ARGV[1] .. id
  local isLeft = redis.call('GET', job .. ':lock') == ARGV[2]
  redis.call('DEL', job .. ':lock')
  redis.call('SREM', KEYS[4], id)
  local priority = tonumber(redis.call('HGET', job, 'priority') or '0') or 0
  if redis.call('EXISTS', job) == 1 then
    if not isLeft and redis.call('HINCRBY', job, 'stc', 1) > tonumber(ARGV[3]) then
      redis.call('HSET', job, 'defa', 'job stalled more than allowable limit')
    end
    if priority > 0 then
      redis.call('ZADD', KEYS[3], priority * 0x100000000 + #active - i, id)
    else
      redis.call('RPUSH', KEYS[2], id)
    end
  end
end
if #active > 0 then
  redis.call('DEL', KEYS[1])
  redis.call('ZADD', KEYS[5], 0, '0')
end
return #active
`;

export async function takeOver(redis: Redis, queue: string): Promise<number> {
  const key = (part: string): string => `${PREFIX}:${queue}:${part}`;
  const places = ['active', 'wait', 'prioritized', 'stalled', 'marker'].map(key);
  return Number(await redis.eval(TAKE_OVER, places.length, ...places, key(''), LEFT, MAX_STALLED));
}

/**
 * Puts an envelope into its partition's queue, as BullMQ would, once.
 *
 * KEYS[1]  wait list, next to be taken last
 * KEYS[2]  marker that wakes blocked consumers
 * KEYS[3]  settings of the queue
 * ARGV[1]  prefix of job keys
 * ARGV[2]  id
 * ARGV[3]  data
 * ARGV[4]  options of the job, JSON
 * ARGV[5]  now, milliseconds since 1970
 * returns  1; 0 when a job of this id is remembered, then nothing was done
 */
export const PUT_ENVELOPE = `
local job = ARGV[1] .. ARGV[2]
if redis.call('EXISTS', job) == 1 then return 0 end
redis.call('HSET', job, 'name', 'envelope', 'data', ARGV[3], 'opts', ARGV[4], 'timestamp', ARGV[5], 'delay', 0, 'priority', 0)
redis.call('LPUSH', KEYS[1], ARGV[2])
if redis.call('HEXISTS', KEYS[3], 'paused') == 0 then redis.call('ZADD', KEYS[2], 0, '0') end
return 1
`;

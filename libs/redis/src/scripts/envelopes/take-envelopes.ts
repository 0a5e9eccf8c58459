/**
 * Takes the envelopes that wait longest out of a partition's queue, as BullMQ would take them one by one: same lists, same locks.
 *
 * KEYS[1]  wait list, next to be taken last
 * KEYS[2]  active list
 * KEYS[3]  marker that wakes blocked consumers
 * KEYS[4]  settings of the queue
 * KEYS[5]  prioritized jobs
 * KEYS[6]  delayed jobs
 * ARGV[1]  prefix of job keys
 * ARGV[2]  at most so many
 * ARGV[3]  token of their locks
 * ARGV[4]  time after which the locks are void, milliseconds
 * ARGV[5]  now, milliseconds since 1970
 * ARGV[6]  how many the only consumer of this queue has in hand
 * returns  { `more` (others wait), `odd` (there are only jobs that no connector puts here), `astray` (others are in hand than the
 *            consumer knows of, since the answer of an earlier call was lost; nothing is taken), or an empty text;
 *            then of each job: id, data or false, how often it stalled or false, why it is given up or false }
 *
 * Invariant: where the marker is missing nothing waits, so a consumer that was told that nothing waits may block for the marker.
 */
export const TAKE_ENVELOPES = `
local answer = {''}
if redis.call('LLEN', KEYS[2]) > tonumber(ARGV[6]) then return {'astray'} end
if redis.call('HEXISTS', KEYS[4], 'paused') == 1 then return answer end
for n = 1, ARGV[2] do
  local id = redis.call('RPOPLPUSH', KEYS[1], KEYS[2])
  if not id then break end
  local job = ARGV[1] .. id
  local stored = redis.call('HMGET', job, 'data', 'stc', 'defa')
  redis.call('SET', job .. ':lock', ARGV[3], 'PX', ARGV[4])
  redis.call('HSET', job, 'processedOn', ARGV[5])
  redis.call('HINCRBY', job, 'ats', 1)
  local place = #answer
  answer[place + 1] = id
  for i = 1, 3 do answer[place + 1 + i] = stored[i] end
end
if redis.call('LLEN', KEYS[1]) > 0 then
  answer[1] = 'more'
  redis.call('ZADD', KEYS[3], 0, '0')
else
  redis.call('ZREM', KEYS[3], '0')
  if redis.call('ZCARD', KEYS[5]) > 0 or redis.call('ZCARD', KEYS[6]) > 0 then answer[1] = 'odd' end
end
return answer
`;

import { APART } from '../apart';

/**
 * Takes the envelopes that wait longest out of the queues of partitions, as BullMQ would take them one by one: same lists, same locks.
 *
 * KEYS     what the keys of the queues begin with; used are `wait`, next to be taken last, `active`, `marker`, which wakes consumers that
 *          block, `meta`, the settings of the queue, `prioritized`, `delayed`, and those of its jobs. A Redis Cluster is told these, too
 * ARGV[1]  time after which the locks are void, milliseconds
 * ARGV[2]  now, milliseconds since 1970
 * ARGV[3]  bytes of data after which nothing more is taken by this call
 * ARGV[4…] of each queue: at most so many; token of their locks; how many the only consumer of this queue has in hand
 * returns  of each queue: { `more` (others wait, or were not looked for), `odd` (there are only jobs that no connector puts here), `astray` (others are
 *          in hand than the consumer knows of, since the answer of an earlier call was lost; nothing is taken), or an empty text;
 *          then of each job: id, data or false, how often it stalled or false, why it is given up or false }; or { `refused`, why }
 *
 * Invariant: where the marker is missing nothing waits, so a consumer that was told that nothing waits may block for the marker.
 */
export const TAKE_ENVELOPES = `${APART}
local bytes = tonumber(ARGV[3])
local function take(queue, limit, token, held)
  local answer = {''}
  if redis.call('LLEN', queue .. 'active') > tonumber(held) then return {'astray'} end
  if redis.call('HEXISTS', queue .. 'meta', 'paused') == 1 then return answer end
  local isEmpty = false
  for n = 1, limit do
    if bytes <= 0 then break end
    local id = redis.call('RPOPLPUSH', queue .. 'wait', queue .. 'active')
    isEmpty = not id
    if isEmpty then break end
    local job = queue .. id
    local stored = redis.call('HMGET', job, 'data', 'stc', 'defa')
    redis.call('SET', job .. ':lock', token, 'PX', ARGV[1])
    -- It is taken once, and once more after each time that it stalled.
    redis.call('HSET', job, 'processedOn', ARGV[2], 'ats', (tonumber(stored[2]) or 0) + 1)
    local place = #answer
    answer[place + 1] = id
    for i = 1, 3 do answer[place + 1 + i] = stored[i] end
    bytes = bytes - #(stored[1] or '')
  end
  if not isEmpty and redis.call('LLEN', queue .. 'wait') > 0 then
    answer[1] = 'more'
    redis.call('ZADD', queue .. 'marker', 0, '0')
  else
    redis.call('ZREM', queue .. 'marker', '0')
    if redis.call('EXISTS', queue .. 'prioritized', queue .. 'delayed') > 0 then answer[1] = 'odd' end
  end
  return answer
end
return apart((#ARGV - 3) / 3, function(n)
  local at = 3 * n + 1
  return take(KEYS[n], ARGV[at], ARGV[at + 1], ARGV[at + 2])
end)
`;

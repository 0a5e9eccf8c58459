/**
 * Marks envelopes as done, and forgets those that were done long ago. What is kept is the id, by which a repeated add is recognised;
 * what people said goes at once.
 *
 * KEYS[1]  active list
 * KEYS[2]  stalled set
 * KEYS[3]  completed set
 * ARGV[1]  prefix of job keys
 * ARGV[2]  now, milliseconds since 1970
 * ARGV[3]  age at which done ones are forgotten, milliseconds
 * ARGV[4]  done ones that are kept
 * ARGV[5…] pairs: id, token of its lock
 * returns  per pair 1; 0 when the lock was lost, then nothing was done to it
 *
 * Invariant: of two that hold the same envelope, one after the other had stalled, only the later one ends it.
 */
export const END_ENVELOPES = `
local now = tonumber(ARGV[2])
local answers = {}
for i = 5, #ARGV, 2 do
  local id, token = ARGV[i], ARGV[i + 1]
  local job = ARGV[1] .. id
  if redis.call('GET', job .. ':lock') == token then
    redis.call('DEL', job .. ':lock')
    redis.call('SREM', KEYS[2], id)
    redis.call('LREM', KEYS[1], -1, id)
    redis.call('ZADD', KEYS[3], now, id)
    redis.call('HDEL', job, 'data')
    redis.call('HSET', job, 'returnvalue', 'null', 'finishedOn', now, 'atm', 1)
    answers[#answers + 1] = 1
  else
    answers[#answers + 1] = 0
  end
end
local forgotten = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now - ARGV[3], 'LIMIT', 0, 200)
local surplus = redis.call('ZCARD', KEYS[3]) - ARGV[4]
if surplus > #forgotten then forgotten = redis.call('ZRANGE', KEYS[3], 0, math.min(surplus, 200) - 1) end
if #forgotten > 0 then
  redis.call('ZREM', KEYS[3], unpack(forgotten))
  for i, id in ipairs(forgotten) do forgotten[i] = ARGV[1] .. id end
  redis.call('UNLINK', unpack(forgotten))
end
return answers
`;

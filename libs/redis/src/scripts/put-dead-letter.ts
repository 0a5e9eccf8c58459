/**
 * Keeps a dead letter and drops what is too old or too many.
 *
 * KEYS[1]  sorted set: id → when it was given up (milliseconds)
 * KEYS[2]  hash: id → the letter as JSON
 * ARGV[1]  id
 * ARGV[2]  the letter as JSON
 * ARGV[3]  most letters
 * ARGV[4]  greatest age, milliseconds
 * returns  how many others were dropped
 */
export const PUT_DEAD_LETTER = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[4]), 'LIMIT', 0, 1000)
local many = redis.call('ZCARD', KEYS[1]) - #old - tonumber(ARGV[3])
if many > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[1], #old, #old + many - 1)) do old[#old + 1] = id end
end
for _, id in ipairs(old) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
return #old
`;

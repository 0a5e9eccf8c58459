/**
 * Keeps a failed handling until its next attempt. Redis time decides when that is.
 *
 * KEYS[1]  sorted set: id → when it is due (milliseconds)
 * KEYS[2]  hash: id → the handling as JSON
 * KEYS[3]  hash: id → how often it was taken since it was put
 * ARGV[1]  id
 * ARGV[2]  the handling as JSON
 * ARGV[3]  due in so many milliseconds
 * ARGV[4]  most entries of the partition
 * returns  1, or 0 when there is no room; an entry that is there already is always replaced
 */
export const PUT_RETRY = `
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
`;

/**
 * Hands out what is due, and to nobody else until the lease is over.
 *
 * KEYS     as for PUT_RETRY
 * ARGV[1]  lease, milliseconds
 * ARGV[2]  at most so many
 * returns  id, JSON, takes (this one included), and so on
 */
export const TAKE_RETRIES = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[2])) do
  local json = redis.call('HGET', KEYS[2], id)
  if json then
    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]), id)
    taken[#taken + 1] = id
    taken[#taken + 1] = json
    taken[#taken + 1] = redis.call('HINCRBY', KEYS[3], id, 1)
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return taken
`;

/**
 * Ends or prolongs the lease of an entry, unless it was put or taken anew since.
 *
 * KEYS     as for PUT_RETRY
 * ARGV[1]  id
 * ARGV[2]  takes, as it was handed out
 * ARGV[3]  lease, milliseconds; empty: the entry is done with and forgotten
 * returns  1, or 0 when it is not the caller's any more
 */
export const END_RETRY = `
if redis.call('HGET', KEYS[3], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then
  local time = redis.call('TIME')
  redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + tonumber(ARGV[3]), ARGV[1])
  return 1
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
`;

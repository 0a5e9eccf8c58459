/**
 * Sets one value of a plugin's state, unless it would grow too large.
 *
 * KEYS[1]  hash of one plugin and conversation: `.name` → JSON; `@bytes` → bytes of all names and values
 * ARGV[1]  field
 * ARGV[2]  value; empty: the field is deleted
 * ARGV[3]  most bytes
 * ARGV[4]  most fields, `@bytes` not counted
 * ARGV[5]  time to live from now on, milliseconds
 * returns  1 when it was set, 0 when there is no room
 *
 * Invariant: `@bytes` is the size of what is stored, and a refused value changes nothing.
 */
export const SET_STATE = `
local field, value = ARGV[1], ARGV[2]
local bytes = tonumber(redis.call('HGET', KEYS[1], '@bytes') or '0')
local known = redis.call('HEXISTS', KEYS[1], field) == 1
if known then bytes = bytes - #field - redis.call('HSTRLEN', KEYS[1], field) end
if value == '' then
  if known then
    redis.call('HDEL', KEYS[1], field)
    if redis.call('HLEN', KEYS[1]) == 1 then redis.call('DEL', KEYS[1]) return 1 end
    redis.call('HSET', KEYS[1], '@bytes', bytes)
  end
  return 1
end
bytes = bytes + #field + #value
if bytes > tonumber(ARGV[3]) then return 0 end
if not known and math.max(redis.call('HLEN', KEYS[1]) - 1, 0) >= tonumber(ARGV[4]) then return 0 end
redis.call('HSET', KEYS[1], field, value, '@bytes', bytes)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`;

/**
 * Takes events for handling and marks them as settled, many of one partition in one call.
 *
 * KEYS[1]  hash of the partition: reference → id of the copy that was taken, after a `!` when it is settled
 * KEYS[2]  sorted set of the partition: reference, scored with the time at which it was added (milliseconds, clock of Redis)
 * ARGV[1]  age at which a reference is forgotten, milliseconds
 * ARGV[2]  references that are remembered
 * ARGV[3…] triples: `take` or `settle`, reference, id of the copy
 * returns  per triple: for `take` what was stored before, or an empty text when it is taken now; for `settle` an empty text
 *
 * Invariant: of all copies with one reference, one is answered with an empty text, within age and number. Both bounds are
 * applied by every call that adds one, at most 256 references each, so that no call is long.
 */
export const MARK_EVENTS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answers = {}
local added = {}
for i = 3, #ARGV, 3 do
  local reference, copy = ARGV[i + 1], ARGV[i + 2]
  local answer = ''
  if ARGV[i] == 'settle' then
    if redis.call('HSET', KEYS[1], reference, '!' .. copy) == 1 then added[#added + 1] = reference end
  else
    local stored = redis.call('HGET', KEYS[1], reference)
    if stored then
      answer = stored
    else
      redis.call('HSET', KEYS[1], reference, copy)
      added[#added + 1] = reference
    end
  end
  answers[#answers + 1] = answer
end
if #added == 0 then return answers end
for _, reference in ipairs(added) do redis.call('ZADD', KEYS[2], now, reference) end
local old = redis.call('ZCOUNT', KEYS[2], '-inf', now - ARGV[1])
local surplus = redis.call('ZCARD', KEYS[2]) - ARGV[2]
local drop = math.min(math.max(old, surplus), 256)
if drop > 0 then
  local forgotten = redis.call('ZRANGE', KEYS[2], 0, drop - 1)
  redis.call('ZREM', KEYS[2], unpack(forgotten))
  redis.call('HDEL', KEYS[1], unpack(forgotten))
end
return answers
`;

/**
 * Begins a cooldown, unless one runs.
 *
 * KEYS[1]  string: the event that began it, after a `!` when somebody was told to wait
 * ARGV[1]  event that asks
 * ARGV[2]  milliseconds
 * returns  remaining milliseconds (0: begun now, or by this very event), and 1 for the first refusal since it began
 *
 * Invariant: within the time one event is let through, also when it asks again because its worker died.
 */
export const BEGIN_COOLDOWN = `
local by = redis.call('GET', KEYS[1])
if not by then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {0, 0}
end
if by == ARGV[1] or by == '!' .. ARGV[1] then return {0, 0} end
local remaining = math.max(redis.call('PTTL', KEYS[1]), 1)
if string.sub(by, 1, 1) == '!' then return {remaining, 0} end
redis.call('SET', KEYS[1], '!' .. by, 'PX', remaining)
return {remaining, 1}
`;

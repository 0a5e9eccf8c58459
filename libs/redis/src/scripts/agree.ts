/**
 * What all nodes must agree on.
 *
 * KEYS[1]  hash { partitions, seed, since: Redis time in µs at which it was agreed on; absent in one of before there was a `since` }
 * ARGV     since of what this node knows, '' when it has just started; partitions; seed
 * returns  { 1 when it had to be written although this node knew it, else 0; partitions; seed; since }
 *
 * Invariant: of two agreements the older one counts. Where Redis has lost it, the first node that looks writes what it knows; one
 * that was made meanwhile by a node which found nothing is younger, and gives way; in µs, since in ms both can be of one time. So all nodes that look agree in the end.
 */
export const AGREE = `
local known, partitions, seed = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local found = redis.call('HMGET', KEYS[1], 'partitions', 'seed', 'since')
local since = tonumber(found[3] or '0')
if known and (not found[1] or not found[2] or since > known) then
  redis.call('HSET', KEYS[1], 'partitions', partitions, 'seed', seed, 'since', string.format('%.0f', known))
  return { 1, partitions, seed, string.format('%.0f', known) }
end
if not found[1] and not found[2] then
  local time = redis.call('TIME')
  since = time[1] * 1000000 + time[2]
  redis.call('HSET', KEYS[1], 'since', string.format('%.0f', since))
end
if not found[1] then redis.call('HSET', KEYS[1], 'partitions', partitions) end
if not found[2] then redis.call('HSET', KEYS[1], 'seed', seed) end
return { 0, found[1] or partitions, found[2] or seed, string.format('%.0f', since) }
`;

/**
 * Keeps a handling that waits for an answer.
 *
 * KEYS[1]  hash: id → the handling as JSON
 * ARGV[1]  id
 * ARGV[2]  the handling as JSON
 * ARGV[3]  most entries of the partition
 * returns  1, or 0 when there is no room; an entry that is there already is always replaced
 */
export const PUT_ASK = `
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`;

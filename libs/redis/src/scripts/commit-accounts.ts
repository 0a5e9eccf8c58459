/**
 * Changes the account registry, unless somebody else changed it first.
 *
 * KEYS[1]  the registry
 * ARGV[1]  version that the change was decided on
 * ARGV[2]  how many fields are set
 * ARGV[3…] field and value of each field to set, then the fields to delete
 * returns  1 when the change was made, 0 when the version is another one
 *
 * Invariant: the version grows by one with each change, and each change was decided on the version before it.
 */
export const COMMIT_ACCOUNTS = `
local version = tonumber(redis.call('HGET', KEYS[1], '@version') or '0')
if version ~= tonumber(ARGV[1]) then return 0 end
local last = 2 + 2 * tonumber(ARGV[2])
for i = 3, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('HSET', KEYS[1], '@version', version + 1)
return 1
`;

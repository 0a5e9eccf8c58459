/**
 * Remembers who answers in some groups of one partition.
 *
 * KEYS[1]  hash of the partition: conversation → account
 * ARGV[1]  conversations that are remembered
 * ARGV[2…] pairs: conversation, account
 * returns  how many are remembered now
 *
 * Invariant: never more than ARGV[1]; beyond that arbitrary ones are forgotten, which costs such a group no more than a new choice.
 */
export const SAVE_ASSIGNEES = `
for i = 2, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
local surplus = redis.call('HLEN', KEYS[1]) - ARGV[1]
if surplus > 0 then redis.call('HDEL', KEYS[1], unpack(redis.call('HRANDFIELD', KEYS[1], surplus))) end
return redis.call('HLEN', KEYS[1])
`;

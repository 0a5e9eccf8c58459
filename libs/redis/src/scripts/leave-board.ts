/**
 * Says that a node no longer holds accounts, unless another node has said since that it does.
 *
 * KEYS[1]  the account board
 * ARGV[1]  the node
 * ARGV[2…] account and its last status as JSON; an empty text takes the account off the board
 * returns  how many entries were changed
 *
 * Invariant: the word of the node that holds an account now is never overwritten by one that held it before.
 */
export const LEAVE_BOARD = `
local changed = 0
for i = 2, #ARGV, 2 do
  local stored = redis.call('HGET', KEYS[1], ARGV[i])
  if not stored or cjson.decode(stored)['node'] == ARGV[1] then
    if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i])
    else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
    changed = changed + 1
  end
end
return changed
`;

/**
 * Scripts of broadcasts. All keys of one broadcast lie in its partition's slot. A target's state is a text: letter, space,
 * number of attempts so far, space, accounts that can reach it joined by commas.
 *   p  waits: it stands in the queue of each of these accounts
 *   h  in hand: an action for it exists or will; the hash of hands says whose
 *   e  has its outcome; never leaves this state
 *
 * Invariant: a target is in at most one hand, and gets into another one only by GIVE_BACK, which the caller uses when it is certain
 * that the action of the hand has not been and will not be sent.
 */

/** `epoch` of the caller's lease on the partition, ARGV[1], against the highest seen. Begins every script of the worker. */
const FENCED = `
local known = redis.call('HGET', KEYS[1], 'epoch')
if not known or tonumber(ARGV[1]) < tonumber(known) then return 'stale' end
if tonumber(ARGV[1]) > tonumber(known) then redis.call('HSET', KEYS[1], 'epoch', ARGV[1]) end
`;

/**
 * Opens a broadcast, once.
 *
 * KEYS[1]  record
 * KEYS[2]  kept broadcasts of the partition
 * KEYS[3]  open broadcasts of the partition
 * KEYS[4]  targets, filled before when they are named
 * ARGV[1]  id
 * ARGV[2]  definition as JSON
 * ARGV[3]  made at, milliseconds since 1970
 * ARGV[4]  most open broadcasts of the partition
 * ARGV[5]  records made before this moment are taken off the index: they have expired
 * returns  1, 0 when it was there before, -1 when there is no room
 */
export const OPEN_BROADCAST = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if redis.call('SCARD', KEYS[3]) >= tonumber(ARGV[4]) then return -1 end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[5])
redis.call('HSET', KEYS[1], 'definition', ARGV[2], 'wanted', 'running', 'epoch', 0, 'total', redis.call('HLEN', KEYS[4]))
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
redis.call('PERSIST', KEYS[4])
return 1
`;

/**
 * Notes what an operator wants.
 *
 * KEYS[1]  record
 * ARGV[1]  running, paused or cancelled
 * returns  'done'; 'unknown'; 'ended' when it has ended, or is being cancelled and something else is wanted now
 */
export const WANT_BROADCAST = `
local wanted = redis.call('HGET', KEYS[1], 'wanted')
if not wanted then return 'unknown' end
if redis.call('HEXISTS', KEYS[1], 'end') == 1 then return 'ended' end
if wanted == 'cancelled' and ARGV[1] ~= 'cancelled' then return 'ended' end
redis.call('HSET', KEYS[1], 'wanted', ARGV[1])
return 'done'
`;

/**
 * Takes in which targets an account can reach. Doing it again changes nothing.
 *
 * KEYS[1]  record
 * KEYS[2]  targets
 * KEYS[3]  queue of the account
 * KEYS[4]  accounts
 * ARGV[1]  epoch
 * ARGV[2]  account
 * ARGV[3]  1 when targets that are not known yet belong to the broadcast
 * ARGV[4]  most accounts kept per target
 * ARGV[5]  how many the account can reach, with the last part; else empty
 * ARGV[6…] targets
 * returns  1 or 'stale'
 */
export const LIST_TARGETS = `${FENCED}
local self = ARGV[2]
for i = 6, #ARGV do
  local target = ARGV[i]
  local state = redis.call('HGET', KEYS[2], target)
  if not state then
    if ARGV[3] == '1' then
      redis.call('HSET', KEYS[2], target, 'p 0 ' .. self)
      redis.call('HINCRBY', KEYS[1], 'total', 1)
      redis.call('RPUSH', KEYS[3], target)
    end
  elseif state ~= 'e' then
    local letter, attempts, accounts = string.match(state, '^(%a) (%d+) (.*)$')
    local _, commas = string.gsub(accounts, ',', '')
    if not string.find(',' .. accounts .. ',', ',' .. self .. ',', 1, true) and commas + 1 < tonumber(ARGV[4]) then
      if accounts ~= '' then accounts = accounts .. ',' end
      redis.call('HSET', KEYS[2], target, letter .. ' ' .. attempts .. ' ' .. accounts .. self)
      if letter == 'p' then redis.call('RPUSH', KEYS[3], target) end
    end
  end
end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], self, ARGV[5]) end
return 1
`;

/**
 * Takes targets in hand for an account.
 *
 * KEYS[1]  record
 * KEYS[2]  targets
 * KEYS[3]  hands
 * KEYS[4]  queue of the account
 * ARGV[1]  epoch
 * ARGV[2]  account
 * ARGV[3]  at most so many
 * ARGV[4]  now, milliseconds since 1970
 * ARGV[5]  expiry of the actions, milliseconds since 1970
 * returns  targets and attempt numbers in turn, or 'stale'
 *
 * Entries of the queue that others have taken meanwhile are passed over, at most 500 of them per call.
 */
export const TAKE_TARGETS = `${FENCED}
local taken = {}
if redis.call('HGET', KEYS[1], 'wanted') ~= 'running' then return taken end
for _ = 1, 500 do
  if #taken >= 2 * tonumber(ARGV[3]) then break end
  local target = redis.call('LPOP', KEYS[4])
  if not target then break end
  local letter, attempts, accounts = string.match(redis.call('HGET', KEYS[2], target) or '', '^(%a) (%d+) (.*)$')
  if letter == 'p' and string.find(',' .. accounts .. ',', ',' .. ARGV[2] .. ',', 1, true) then
    local attempt = attempts + 1
    redis.call('HSET', KEYS[2], target, 'h ' .. attempt .. ' ' .. accounts)
    redis.call('HSET', KEYS[3], target, ARGV[2] .. ' ' .. attempt .. ' ' .. ARGV[4] .. ' ' .. ARGV[5])
    taken[#taken + 1] = target
    taken[#taken + 1] = attempt
  end
end
return taken
`;

/**
 * Gives a target its outcome.
 *
 * KEYS[1]  record
 * KEYS[2]  targets
 * KEYS[3]  hands
 * KEYS[4]  failures
 * ARGV[1]  epoch
 * ARGV[2]  target
 * ARGV[3]  attempt that the hand is of
 * ARGV[4]  outcome
 * ARGV[5]  failure as JSON, or empty
 * ARGV[6]  most failures kept
 * returns  1, 0 when it is not in that hand any more, or 'stale'
 */
export const END_TARGET = `${FENCED}
local hand = redis.call('HGET', KEYS[3], ARGV[2])
if not hand or string.match(hand, '^%d+ (%d+) ') ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[2], 'e')
redis.call('HINCRBY', KEYS[1], ARGV[4], 1)
if ARGV[5] ~= '' then
  redis.call('LPUSH', KEYS[4], ARGV[5])
  redis.call('LTRIM', KEYS[4], 0, ARGV[6] - 1)
end
return 1
`;

/**
 * Lets a target wait again.
 *
 * KEYS[1]  record
 * KEYS[2]  targets
 * KEYS[3]  hands
 * KEYS[4…] queues of the accounts that can still reach it
 * ARGV[1]  epoch
 * ARGV[2]  target
 * ARGV[3]  its state as the caller saw it
 * ARGV[4]  its state from now on
 * returns  1, 0 when the state is another one, or 'stale'
 */
export const GIVE_BACK_TARGET = `${FENCED}
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
redis.call('HDEL', KEYS[3], ARGV[2])
for i = 4, #KEYS do redis.call('LPUSH', KEYS[i], ARGV[2]) end
return 1
`;

/**
 * Gives up targets that wait, a part of the hash at a time.
 *
 * KEYS[1]  record
 * KEYS[2]  targets
 * KEYS[3]  failures
 * ARGV[1]  epoch
 * ARGV[2]  cursor, 0 to begin
 * ARGV[3]  1: only those that no account can reach
 * ARGV[4]  error code
 * ARGV[5]  message
 * ARGV[6]  now, milliseconds since 1970
 * ARGV[7]  most failures kept
 * returns  the next cursor, 0 at the end, or 'stale'
 */
export const GIVE_UP_TARGETS = `${FENCED}
local part = redis.call('HSCAN', KEYS[2], ARGV[2], 'COUNT', 500)
local given = 0
for i = 1, #part[2], 2 do
  local target, state = part[2][i], part[2][i + 1]
  local letter, _, accounts = string.match(state, '^(%a) (%d+) (.*)$')
  if letter == 'p' and (ARGV[3] ~= '1' or accounts == '') then
    redis.call('HSET', KEYS[2], target, 'e')
    given = given + 1
    redis.call('LPUSH', KEYS[3], cjson.encode({
      target = target, outcome = 'not_sent', code = ARGV[4], message = ARGV[5], at = tonumber(ARGV[6]),
    }))
  end
end
if given > 0 then
  redis.call('HINCRBY', KEYS[1], 'not_sent', given)
  redis.call('LTRIM', KEYS[3], 0, ARGV[7] - 1)
end
return part[1]
`;

/**
 * Ends a broadcast; what is only needed to carry it out goes.
 *
 * KEYS[1]  record
 * KEYS[2]  open broadcasts of the partition
 * KEYS[3]  hands
 * KEYS[4]  failures
 * KEYS[5…] targets, accounts, queues
 * ARGV[1]  epoch
 * ARGV[2]  id
 * ARGV[3]  how it ended
 * ARGV[4]  now, milliseconds since 1970
 * ARGV[5]  kept for so many milliseconds
 * returns  1, 0 while a target is in hand, or 'stale'
 */
export const CLOSE_BROADCAST = `${FENCED}
if redis.call('HLEN', KEYS[3]) > 0 then return 0 end
redis.call('HSET', KEYS[1], 'end', ARGV[3], 'endedAt', ARGV[4])
redis.call('SREM', KEYS[2], ARGV[2])
for i = 5, #KEYS do redis.call('UNLINK', KEYS[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[4], ARGV[5])
return 1
`;

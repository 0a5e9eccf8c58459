/** How values of claims begin that a later outcome replaces: of those that are open, and of an outcome that is not known. */
export const OPEN = 'open';
export const UNKNOWN = 'unknown ';
/** For how long it is of use to know which messages are accounted for, ms; NapCat reports an own message up to ten minutes late. */
const SENT_KEPT_MS = 15 * 60 * 1000;

/**
 * Takes the right to execute an action, once, and only for the newest holder of the account that is known here.
 *
 * KEYS[1]  claim of the action
 * KEYS[2]  fence of the account: the highest epoch that ever claimed or raised it
 * KEYS[3]  hash of the account's open actions
 * ARGV[1]  value to store while the outcome is not known
 * ARGV[2]  time to live of the claim, milliseconds
 * ARGV[3]  epoch under which the caller holds the account
 * ARGV[4]  action id
 * ARGV[5]  what whoever finds the action open needs to find out what came of it; empty for actions that change nothing
 * returns  nil when the claim was taken now, 'stale' when a newer holder is known, else the stored value
 *
 * Invariant: of all callers that ever ask within the time to live, exactly one gets nil. The claim is taken before the effect,
 * so a crash in between leaves "claimed, outcome unknown" and never a second execution. The fence lies in the account's own
 * slot, so it holds wherever the lease table lives.
 */
export const CLAIM_ACTION = `
local fence = tonumber(redis.call('GET', KEYS[2]) or '0')
local epoch = tonumber(ARGV[3])
if epoch < fence then return 'stale' end
if epoch > fence then redis.call('SET', KEYS[2], ARGV[3]) end
local stored = redis.call('GET', KEYS[1])
if stored then return stored end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[5] ~= '' then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[3], ARGV[4], time[1] .. string.format('%03d', math.floor(time[2] / 1000)) .. ' ' .. ARGV[5])
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
end
return nil
`;

/**
 * What the scripts share that keep what came of actions: `note_sent` notes messages by the clock of Redis, `score, message, …`; that set is trimmed
 * and lives on now and then, not with each of them.
 */
export const KEEP_RESULT = `
local function note_sent(sent, messages, clock)
  if #messages == 0 then return end
  redis.call('ZADD', sent, unpack(messages))
  if redis.call('PTTL', sent) < ${SENT_KEPT_MS} then
    redis.call('ZREMRANGEBYSCORE', sent, '-inf', clock - ${SENT_KEPT_MS})
    redis.call('PEXPIRE', sent, ${SENT_KEPT_MS * 1.25})
  end
end
local function is_certain(stored)
  return stored and string.sub(stored, 1, ${OPEN.length}) ~= '${OPEN}' and string.sub(stored, 1, ${UNKNOWN.length}) ~= '${UNKNOWN}'
end
`;

/**
 * Keeps what came of an action. What is certain stands: only an outcome that was not known yet is replaced.
 *
 * KEYS[1]  claim of the action
 * KEYS[2]  hash of the account's open actions
 * KEYS[3]  sorted set: messages that the account is known to have sent, by time
 * ARGV[1]  value to store
 * ARGV[2]  time to live, milliseconds
 * ARGV[3]  action id
 * ARGV[4]  1 while somebody still tries to find out what came of it, so that it stays among the open ones
 * ARGV[5]  id of the message that was sent, or empty
 * returns  nil when it was stored, else the value that stands
 */
export const RECORD_RESULT = `${KEEP_RESULT}
if ARGV[5] ~= '' then
  local time = redis.call('TIME')
  local clock = tonumber(time[1]) * 1000 + math.floor(time[2] / 1000)
  note_sent(KEYS[3], { clock, ARGV[5] }, clock)
end
if ARGV[4] ~= '1' then redis.call('HDEL', KEYS[2], ARGV[3]) end
local stored = redis.call('GET', KEYS[1])
if is_certain(stored) then return stored end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return nil
`;

/**
 * Ends an action that nobody has begun. Needs no fence: whoever comes to it later finds it ended.
 *
 * KEYS[1]  claim of the action
 * ARGV[1]  result to store
 * ARGV[2]  time to live, milliseconds
 * returns  nil when it is ended now, else the value that was there before
 */
export const END_UNBEGUN = `
local stored = redis.call('GET', KEYS[1])
if stored then return stored end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return nil
`;

/**
 * Shuts out every earlier holder of an account, before the new one acts.
 *
 * KEYS[1]  fence of the account
 * ARGV[1]  epoch of the new holder
 * returns  1, or 0 when a newer holder is known already
 */
export const RAISE_FENCE = `
local fence = tonumber(redis.call('GET', KEYS[1]) or '0')
local epoch = tonumber(ARGV[1])
if epoch < fence then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
`;

/**
 * Gives a claim back that was taken for nothing.
 *
 * KEYS[1]  claim of the action
 * KEYS[2]  hash of the account's open actions
 * ARGV[1]  value that the caller stored, or how it begins, up to a space
 * ARGV[2]  action id
 * returns  1, or 0 when it is not the caller's any more: then others have drawn their conclusions from it
 */
export const RELEASE_CLAIM = `
local stored = redis.call('GET', KEYS[1])
if stored ~= ARGV[1] and string.sub(stored or '', 1, #ARGV[1] + 1) ~= ARGV[1] .. ' ' then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2])
return redis.call('DEL', KEYS[1])
`;

/**
 * Takes the right to execute an action, once, and only for the newest holder of the account that is known here.
 *
 * KEYS[1]  claim of the action
 * KEYS[2]  fence of the account: the highest epoch that ever claimed or raised it
 * ARGV[1]  value to store while the outcome is not known
 * ARGV[2]  time to live of the claim, milliseconds
 * ARGV[3]  epoch under which the caller holds the account
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
 * ARGV[1]  value that the caller stored
 * returns  1, or 0 when it is not the caller's any more: then others have drawn their conclusions from it
 */
export const RELEASE_CLAIM = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

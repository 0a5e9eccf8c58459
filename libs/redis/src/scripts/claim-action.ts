/**
 * Takes the right to execute an action, once.
 *
 * KEYS[1]  claim of the action
 * ARGV[1]  value to store while the outcome is not known
 * ARGV[2]  time to live of the claim, milliseconds
 * returns  nil when the claim was taken now, else the stored value
 *
 * Invariant: of all callers that ever ask within the time to live, exactly one gets nil. The claim is taken before the effect,
 * so a crash in between leaves "claimed, outcome unknown" and never a second execution.
 */
export const CLAIM_ACTION = `
local stored = redis.call('GET', KEYS[1])
if stored then return stored end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return nil
`;

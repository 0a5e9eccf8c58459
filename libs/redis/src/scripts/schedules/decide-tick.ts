/**
 * Keeps what was decided about a tick, unless something was decided before: two may have it in hand, one after the other had stalled.
 *
 * KEYS[1]  job of the tick
 * ARGV[1]  what was decided this time
 * returns  what was decided the first time; false when the job is gone, since somebody has handed the tick on
 */
export const DECIDE_TICK = `
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
redis.call('HSETNX', KEYS[1], 'decided', ARGV[1])
return redis.call('HGET', KEYS[1], 'decided')
`;

import { ROOMS } from './rooms';

/**
 * What waits past its expiry and was begun by nobody.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  how many at most
 * ARGV[5]  jobs in hand, with commas: they are not among them
 * returns  { job, data, how often it was tried, job, data, … }
 */
export const EXPIRED_SENDS = `${ROOMS}
local most = tonumber(ARGV[4])
local hands, busy = split(ARGV[5]), {}
for _, id in ipairs(hands) do busy[id] = true end
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', int(now), 'LIMIT', 0, most + #hands)) do
  local job = not busy[id] and redis.call('HMGET', bull .. id, 'data', 'tries')
  if job and job[1] and redis.call('EXISTS', own .. 'claim:' .. string.sub(id, 3)) == 0 then
    found[#found + 1] = id
    found[#found + 1] = job[1]
    found[#found + 1] = job[2] or '0'
  end
end
return found
`;

/**
 * Ends such jobs, each unless somebody has begun or ended its action meanwhile, and the next one of its room moves up.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  time to live of a result in ms
 * ARGV[5…] job, action id, result, job, action id, result, …
 * returns  the jobs that have ended by this call
 */
export const END_EXPIRED = `${ROOMS}
local ended = {}
for at = 5, #ARGV, 3 do
  local id = ARGV[at]
  if redis.call('SET', own .. 'claim:' .. ARGV[at + 1], ARGV[at + 2], 'PX', ARGV[4], 'NX') then
    redis.call('DEL', bull .. id, bull .. id .. ':logs')
    ended[#ended + 1] = id
  end
end
remove(ended)
return ended
`;

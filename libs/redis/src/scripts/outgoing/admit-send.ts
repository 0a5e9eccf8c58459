import { ROOMS } from './rooms';
import { MEET_RUN } from './server-run';

/**
 * Takes the right to send one action now: fence, claim and all limits at once, by the clock of Redis.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]   job, ARGV[5] its room, ARGV[6] epoch of the caller
 * ARGV[7]   value of an open claim, ARGV[8] its time to live in ms, ARGV[9] action id
 * ARGV[10]  what is needed to find out what came of the action, empty for nothing
 * ARGV[11]  limits as JSON: { account, kind, chat, same: lists of [sends, ms], gap, jitter, day: [start, end, most], lost, again, cold }
 * ARGV[12]  names of the logs of kind, chat and equal text, with spaces; `-` for none
 * ARGV[13]  run id of the Redis that the caller is connected to; empty where that may be any of several
 * ARGV[14]  1 when the caller would expect logs of the account here: it has sent, or Redis was another one
 * ARGV[15]  what the send weighs on, as in reach-send.ts; empty where no limit cares. Kept until the send is known to have reached
 *           NapCat: whoever begins to send for the account counts it from then on
 * returns   { 'now', ms until the account may send again, now, gap or account: which of the two says so, ms until the chat may be written to }
 *           { 'wait', ms, layer, now }: nothing was taken; for the layers conversation and repeats the room is held for so long
 *           { 'known', value of the claim } · { 'stale' }
 *
 * A layer is a sliding log: the n-th last send must be a whole window old. Stamps that lie in the future, after the clock was set
 * back, count as recent, so it stays shut. A run id that is not the one of the last send means a Redis that was restarted. Where the logs are
 * still there, what its append-only file had not taken yet may be missing: every log counts `lost` sends more, at the time at which that
 * was noticed, and the account is shut for `again`. Where they are gone though the account has sent, it is shut for `cold`. Of all callers that ever ask for an action within the claim's life, one gets 'now'.
 */
export const ADMIT_SEND = `${ROOMS}${MEET_RUN}
local fence = tonumber(redis.call('GET', FENCE) or '0')
local epoch = tonumber(ARGV[6])
if epoch < fence then return { 'stale' } end
if epoch > fence then redis.call('SET', FENCE, ARGV[6]) end
local claim, open = own .. 'claim:' .. ARGV[9], own .. 'open-actions'
local stored = redis.call('GET', claim)
if stored then return { 'known', stored } end
local limits = cjson.decode(ARGV[11])
local room = ARGV[5]
local names = {}
for name in string.gmatch(ARGV[12], '%S+') do names[#names + 1] = name end
local function log(name) return own .. 'log:' .. name end
local pace = redis.call('HMGET', PACE, 'run', 'shut', 'next', 'day', 'count', 'lost', 'forgot')
local lost, forgot = tonumber(pace[6] or '0'), tonumber(pace[7] or '1')
local function stamp_of(name, place)
  if place == 0 then return math.huge end
  local entry = redis.call('ZREVRANGE', log(name), place - 1, place - 1, 'WITHSCORES')
  return tonumber(entry[2] or '0')
end
local function wait_of(name, rates)
  local wait = 0
  for _, rate in ipairs(rates) do
    local stamp = stamp_of(name, rate[1])
    if lost + rate[2] > now then stamp = math.max(stamp, math.min(lost, stamp_of(name, math.max(0, rate[1] - forgot)))) end
    wait = math.max(wait, stamp + rate[2] - now)
  end
  return wait
end
local function note(name, rates)
  local most, longest = 0, 0
  for _, rate in ipairs(rates) do
    most, longest = math.max(most, rate[1]), math.max(longest, rate[2])
  end
  if most == 0 then return end
  redis.call('ZADD', log(name), int(now), ARGV[9])
  redis.call('ZREMRANGEBYRANK', log(name), 0, -most - 1)
  redis.call('PEXPIRE', log(name), int(longest))
end
local shut = tonumber(pace[2] or '0')
local run = run_id(ARGV[13])
if pace[1] ~= run then
  meet_run(run, pace[1], pace[5], limits.lost)
  local rest = pace[1] and limits.again or (ARGV[14] == '1' and limits.cold or 0)
  if pace[1] then
    lost, forgot = now, limits.lost
    if pace[5] then pace[5] = pace[5] + forgot end
  end
  if rest > 0 then
    shut = math.max(shut, now + rest)
    redis.call('HSET', PACE, 'shut', int(shut))
  end
end
local function wait(ms, layer) return { 'wait', int(math.ceil(ms)), layer, int(now) } end
if limits.paced then
  if shut > now and limits.cold > 0 then return wait(shut - now, 'cold_start') end
  local next_at = tonumber(pace[3] or '0')
  if next_at > now and limits.gap + limits.jitter > 0 then return wait(next_at - now, 'gap') end
  local ms = wait_of('account', limits.account)
  if ms > 0 then return wait(ms, 'account') end
end
local day, count = tonumber(pace[4] or '0'), tonumber(pace[5] or '0')
if limits.day then
  if limits.day[1] > day then day, count = limits.day[1], 0 end
  if count >= limits.day[3] then return wait(math.max(1000, limits.day[2] - now), 'day') end
end
local ms = wait_of(names[1], limits.kind)
if ms > 0 then return wait(ms, 'kind') end
ms = wait_of(names[2], limits.chat)
if ms > 0 then
  hold(room, now + ms, 'conversation')
  return wait(ms, 'conversation')
end
if names[3] ~= '-' then
  ms = wait_of(names[3], limits.same)
  if ms > 0 then
    hold(room, now + ms, 'repeats')
    return wait(ms, 'repeats')
  end
end
redis.call('SET', claim, ARGV[7], 'PX', ARGV[8])
if ARGV[10] ~= '' then
  local seconds = string.format('%03d', math.floor(time[2] / 1000))
  redis.call('HSET', open, ARGV[9], time[1] .. seconds .. ' ' .. ARGV[10])
  redis.call('PEXPIRE', open, ARGV[8])
end
redis.call('ZREM', EXPIRY, ARGV[4])
if names[3] ~= '-' then note(names[3], limits.same) end
note(names[1], limits.kind)
note(names[2], limits.chat)
if limits.day then redis.call('HSET', PACE, 'day', int(day), 'count', count + 1) end
local open_in, by = 0, 'gap'
if limits.paced then
  note('account', limits.account)
  local full_for = wait_of('account', limits.account)
  open_in = limits.gap + limits.jitter
  if full_for > open_in then open_in, by = full_for, 'account' end
  redis.call('HSET', PACE, 'next', int(now + limits.gap + limits.jitter))
end
if ARGV[15] ~= '' then redis.call('HSET', PACE, 'sent', ARGV[9] .. ' ' .. ARGV[15]) end
local held = wait_of(names[2], limits.chat)
if held > 0 then hold(room, now + held, 'conversation') end
return { 'now', int(math.ceil(open_in)), int(now), by, int(math.ceil(math.max(0, held))) }
`;

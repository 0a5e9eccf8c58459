import { MOVE_SEND, NOTE_READ } from './reach-send';
import { ROOMS } from './rooms';

/**
 * The job has ended: it goes, and the next one of its room moves up.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  job
 * ARGV[5]  why it is set aside instead: it stays readable among BullMQ's failed jobs; empty otherwise
 * ARGV[6]  action id when it is known to have reached NapCat, empty otherwise
 */
export const END_SEND = `${ROOMS}${NOTE_READ}
local id = ARGV[4]
note_read(ARGV[6], redis.call('HGET', PACE, 'sent'))
if ARGV[5] == '' then
  redis.call('DEL', bull .. id, bull .. id .. ':logs')
elseif redis.call('EXISTS', bull .. id) == 1 then
  redis.call('HSET', bull .. id, 'failedReason', ARGV[5], 'finishedOn', int(now))
  redis.call('ZADD', bull .. 'failed', int(now), id)
end
remove({ id })
return 1
`;

/**
 * An admitted send was given back unsent: it expires again, as before its admission.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  job
 * ARGV[5]  how often it was tried, and ARGV[6] ms until its next try, for which its room waits; both empty when it was not
 */
export const RETURN_SEND = `${ROOMS}
local id = ARGV[4]
local lane, _, expires = route(id)
local room = lane and room_of(id)
if not room then return 0 end
if expires > 0 then redis.call('ZADD', EXPIRY, int(expires), id) end
if ARGV[5] ~= '' then
  redis.call('HSET', bull .. id, 'tries', ARGV[5])
  hold(room, now + ARGV[6], 'retry')
end
return 1
`;

/**
 * A claim that a look has taken was not acted upon: it goes, and the send expires again.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  job, ARGV[5] value of the claim
 * returns  1, or 0 where another value stands
 */
export const UNCLAIM_SEND = `${ROOMS}
local action = string.sub(ARGV[4], 3)
if redis.call('GET', own .. 'claim:' .. action) ~= ARGV[5] then return 0 end
redis.call('DEL', own .. 'claim:' .. action)
redis.call('HDEL', own .. 'open-actions', action)
local lane, _, expires = route(ARGV[4])
if lane and expires > 0 and room_of(ARGV[4]) then redis.call('ZADD', EXPIRY, int(expires), ARGV[4]) end
return 1
`;

/**
 * Something other than limits keeps a room back.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  room, ARGV[5] until when, ms since 1970, ARGV[6] why
 */
export const HOLD_ROOM = `${ROOMS}
if redis.call('HEXISTS', PLACES, 'n' .. ARGV[4]) == 1 then hold(ARGV[4], tonumber(ARGV[5]), ARGV[6]) end
return 1
`;

/**
 * What was held for other reasons than limits is looked at again.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  chat, or empty for all
 * ARGV[5]  reasons that count, with commas
 */
export const RELEASE_ROOMS = `${ROOMS}
local reasons = {}
for _, reason in ipairs(split(ARGV[5])) do reasons[reason] = true end
local rooms = {}
if ARGV[4] == '' then rooms = redis.call('ZRANGE', HELD, 0, 9999)
else
  for lane in pairs(LANES) do
    rooms[#rooms + 1] = redis.call('HGET', PLACES, 'r' .. lane .. ' ' .. ARGV[4]) or nil
  end
end
local released = 0
for _, room in pairs(rooms) do
  local why = redis.call('HGET', PLACES, 'why' .. room)
  if why and reasons[why] then
    settle(room)
    released = released + 1
  end
end
return released
`;

/**
 * Somebody begins to send for the account, or its connection is new: it stays shut for a window. What was sent last may have reached
 * NapCat only now: a process that was frozen reads what was written to it before, over whichever connection.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  ms
 * ARGV[5]  run id of the Redis that the caller is connected to; empty where that may be any of several
 * ARGV[6]  ms instead where nothing is known of the account though the caller would expect it; 0 where it expects nothing
 * returns  { now, when the account was seen first }
 *
 * A run id that is another one is left as it is: the next admission sees that Redis was restarted.
 */
export const SHUT_ACCOUNT = `${ROOMS}${MOVE_SEND}
redis.call('HSETNX', PACE, 'first', int(now))
local id, weights = string.match(redis.call('HGET', PACE, 'sent') or '', '^(%S+) (.+)$')
if id then
  move(id, weights, now)
  redis.call('HDEL', PACE, 'sent')
end
local rest = tonumber(ARGV[4])
if redis.call('HSETNX', PACE, 'run', run_id(ARGV[5])) == 1 then rest = math.max(rest, tonumber(ARGV[6])) end
local shut = tonumber(redis.call('HGET', PACE, 'shut') or '0')
if rest > 0 and now + rest > shut then redis.call('HSET', PACE, 'shut', int(now + rest)) end
return { int(now), redis.call('HGET', PACE, 'first') }
`;

/**
 * What waits for an account and why, changing nothing.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  log names whose sends are counted with the window in ms, `name ms`, with commas
 * returns  { now, flat pace hash, per log { name, ms, sends in it }, per lane { lane, waiting, timestamp of the oldest or 0 },
 *            per held room, at most 100, { lane and chat, until, why, jobs } }
 */
export const EXPLAIN_SENDS = `${ROOMS}
local logs, lanes, rooms = {}, {}, {}
for _, part in ipairs(split(ARGV[4])) do
  local name, ms = string.match(part, '^(%S+) (%d+)$')
  logs[#logs + 1] = { name, ms, redis.call('ZCOUNT', own .. 'log:' .. name, '(' .. int(now - ms), '+inf') }
end
local PRIORITY = { interactive = 1, normal = 10, bulk = 100 }
for _, lane in ipairs({ 'interactive', 'normal', 'bulk' }) do
  local low = PRIORITY[lane] * ROOM
  local to = '(' .. int(low + ROOM)
  local waiting = redis.call('ZCARD', own .. 'lane:' .. lane) + redis.call('ZCOUNT', ARRIVED, int(low), to)
  local oldest = redis.call('ZRANGE', own .. 'lane:' .. lane, 0, 0)[1]
    or redis.call('ZRANGEBYSCORE', ARRIVED, int(low), to, 'LIMIT', 0, 1)[1]
  lanes[#lanes + 1] = { lane, waiting, oldest and redis.call('HGET', bull .. oldest, 'timestamp') or '0' }
end
for _, room in ipairs(redis.call('ZRANGE', HELD, 0, 99)) do
  local low = BASE + room * ROOM
  rooms[#rooms + 1] = {
    redis.call('HGET', PLACES, 'n' .. room) or '', redis.call('ZSCORE', HELD, room),
    redis.call('HGET', PLACES, 'why' .. room) or '', redis.call('ZCOUNT', STANDING, int(low), int(low + ROOM - 1))
  }
end
return { int(now), redis.call('HGETALL', PACE), logs, lanes, rooms }
`;

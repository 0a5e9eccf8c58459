/**
 * What all scripts of an account's outgoing actions share.
 *
 * KEYS     fence of the account, by which a Redis Cluster finds the server; there the other keys of fixed names are named, too, so that a
 *          slot that moves is not read in halves. Scripts make all names from the prefixes
 * ARGV[1]  time in ms that a test wants it to be, else empty: the clock of Redis counts
 * ARGV[2]  prefix of BullMQ's keys of the queue: `prioritized` and `wait`, where actions of earlier versions arrive, `delayed`: all that
 *          stand in rooms, each at its place; and those of jobs
 * ARGV[3]  prefix of the account's other keys:
 *          rooms: hash, `r<lane> <chat>` → number, `n<number>` → lane and chat, `at<number>` → where the room stands, `why<number>`
 *          held: sorted set, room → when to look at it again
 *          expiry: sorted set, job → when it is of no use any more
 *          pace: hash, what is known of the account's own pace
 *          `ready:<lane>:<kind>` sorted sets of rooms by age of their head, `lane:<lane>` sorted sets of jobs by age,
 *          `rooms-free` numbers to use again, `log:…` sliding logs of sends, `claim:<action>` as in claim-action.ts
 *
 * A room is one chat in one lane. Its jobs stand in BullMQ's delayed set at scores below zero, which BullMQ never promotes:
 * -2^53 + room * 2^32 + order of arrival. So the order within a chat is the order of scores, the head of a room is found in
 * O(log n), and a room that must wait is one entry in `held`, whatever the number of its jobs. A room with jobs is either in one
 * ready set or held; one without jobs does not exist.
 */
export const ROOMS_OF_MANY = `
local bull, own, ARRIVED, UNSORTED, STANDING, PLACES, HELD, EXPIRY, PACE, FENCE
local function use(queue, account)
  bull, own = queue, account
  ARRIVED, UNSORTED, STANDING = bull .. 'prioritized', bull .. 'wait', bull .. 'delayed'
  PLACES, HELD, EXPIRY, PACE, FENCE = own .. 'rooms', own .. 'held', own .. 'expiry', own .. 'pace', own .. 'fence'
end
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local now = ARGV[1] ~= '' and tonumber(ARGV[1]) or clock
local ROOM, BASE = 4294967296, -9007199254740992
local LANES = { interactive = true, normal = true, bulk = true }
local function int(number) return string.format('%.0f', number) end
local function run_id(given)
  return given ~= '' and given or string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
end
local function route(id, known)
  local name = known or redis.call('HGET', bull .. id, 'name')
  if not name then return nil end
  local lane, kind, expires, chat = string.match(name, '^%S+ (%a+) (%a+) (%d+) (%S+)$')
  if lane and LANES[lane] then return lane, kind, tonumber(expires), chat end
  local ok, action = pcall(cjson.decode, redis.call('HGET', bull .. id, 'data') or '')
  if not ok or type(action) ~= 'table' or not LANES[action['lane']] then return 'normal', 'other', 0, 'account' end
  local place, first, second = string.match(tostring(action['conversation']), '^(%a+):([^:]+):?([^:]*)$')
  if place == 'guild' then chat = 'guild:' .. first .. ':' .. second
  elseif place == 'group' or place == 'private' then chat = place .. ':' .. second
  else chat = 'account' end
  return action['lane'], 'moderation', tonumber(action['expiresAt']) or 0, chat
end
local function drop(id, lane, isBegun)
  redis.call('ZREM', STANDING, id)
  if not isBegun then redis.call('ZREM', EXPIRY, id) end
  if lane then redis.call('ZREM', own .. 'lane:' .. lane, id)
  else
    for any in pairs(LANES) do redis.call('ZREM', own .. 'lane:' .. any, id) end
  end
end
local function step_out(room, at)
  if at == 'held' then redis.call('ZREM', HELD, room)
  elseif at then redis.call('ZREM', own .. 'ready:' .. at, room) end
end
local function leave(room)
  step_out(room, redis.call('HGET', PLACES, 'at' .. room))
  redis.call('HDEL', PLACES, 'at' .. room, 'why' .. room)
end
local function settle(room, at, name)
  local low = BASE + room * ROOM
  local known = at and { at, name } or redis.call('HMGET', PLACES, 'at' .. room, 'n' .. room)
  while true do
    local found = redis.call('ZRANGEBYSCORE', STANDING, int(low), int(low + ROOM - 1), 'WITHSCORES', 'LIMIT', 0, 1)
    if not found[1] then
      step_out(room, known[1])
      redis.call('HDEL', PLACES, 'at' .. room, 'why' .. room, 'n' .. room, 'r' .. (known[2] or ''))
      redis.call('SADD', own .. 'rooms-free', room)
      return
    end
    local lane, kind = route(found[1])
    if lane then
      local at = lane .. ':' .. kind
      if at ~= known[1] then
        step_out(room, known[1])
        redis.call('HSET', PLACES, 'at' .. room, at)
      end
      if known[1] == 'held' then redis.call('HDEL', PLACES, 'why' .. room) end
      redis.call('ZADD', own .. 'ready:' .. at, int(tonumber(found[2]) - low), room)
      return
    end
    drop(found[1])
  end
end
local function hold(room, till, why)
  leave(room)
  redis.call('ZADD', HELD, int(till), room)
  redis.call('HSET', PLACES, 'at' .. room, 'held', 'why' .. room, why)
end
local function room_of(id)
  local place = redis.call('ZSCORE', STANDING, id)
  return place and int(math.floor((tonumber(place) - BASE) / ROOM))
end
local function remove(id, isBegun)
  local room = room_of(id)
  local known = room and redis.call('HMGET', PLACES, 'n' .. room, 'at' .. room)
  drop(id, known and known[1] and string.match(known[1], '^%a+'), isBegun)
  if not room then return end
  local low = BASE + room * ROOM
  if known[2] ~= 'held' or redis.call('ZCOUNT', STANDING, int(low), int(low + ROOM - 1)) == 0 then
    settle(room, known[2], known[1])
  end
end
local function enter(id, name)
  local lane, kind, expires, chat = route(id, name)
  if not lane then return end
  local place = lane .. ' ' .. chat
  local room = redis.call('HGET', PLACES, 'r' .. place)
  local order = redis.call('HINCRBY', PLACES, '@order', 1)
  local isNew = not room
  if isNew then room = redis.call('SPOP', own .. 'rooms-free') or redis.call('HINCRBY', PLACES, '@rooms', 1) end
  redis.call('ZADD', STANDING, int(BASE + room * ROOM + order), id)
  redis.call('ZADD', own .. 'lane:' .. lane, order, id)
  if expires > 0 then redis.call('ZADD', EXPIRY, int(expires), id) end
  if isNew then
    redis.call('ZADD', own .. 'ready:' .. lane .. ':' .. kind, order, room)
    redis.call('HSET', PLACES, 'r' .. place, room, 'n' .. room, place, 'at' .. room, lane .. ':' .. kind)
  end
end
local function sort(most)
  if redis.call('EXISTS', ARRIVED, UNSORTED) == 0 then return false end
  local left = most
  while left > 0 do
    local id = redis.call('RPOP', UNSORTED)
    if not id then break end
    enter(id)
    left = left - 1
  end
  local arrived = redis.call('ZPOPMIN', ARRIVED, left)
  for at = 1, #arrived, 2 do enter(arrived[at]) end
  return #arrived == left * 2 and redis.call('EXISTS', ARRIVED, UNSORTED) > 0
end
local function split(text)
  local found = {}
  for part in string.gmatch(text, '[^,]+') do found[#found + 1] = part end
  return found
end
`;

/** The same for scripts of one account. */
export const ROOMS = `${ROOMS_OF_MANY}
use(ARGV[2], ARGV[3])
`;

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
 *          `rooms-free` numbers of the version before to use again, `log:…` sliding logs of sends, `claim:<action>` as in claim-action.ts
 *
 * A room is one chat in one lane. Its jobs stand in BullMQ's delayed set at scores below zero, which BullMQ never promotes:
 * -2^53 + room * 2^32 + order of arrival. So the order within a chat is the order of scores, the head of a room is found in
 * O(log n), and a room that must wait is one entry in `held`, whatever the number of its jobs. A room with jobs is either in one
 * ready set or held; one without jobs does not exist. A room has the number of its first arrival, in the upper half of the 2^21 numbers that
 * there are. Those of the lower half are counted: the version before has only these and uses them again, and so does a room whose number is taken.
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
local ROOM, BASE, UPPER = 4294967296, -9007199254740992, 1048576
local LANES = { interactive = true, normal = true, bulk = true }
local function int(number) return string.format('%.0f', number) end
-- Of a whole number, in half the time. Redis and Lua are slower still with numbers that become text by themselves.
local function whole(number) return string.format('%d', number) end
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
local function drop(id)
  redis.call('ZREM', STANDING, id)
  redis.call('ZREM', EXPIRY, id)
  for lane in pairs(LANES) do redis.call('ZREM', own .. 'lane:' .. lane, id) end
end
local function set_of(at) return at == 'held' and HELD or own .. 'ready:' .. at end
local function leave(room)
  local at = redis.call('HGET', PLACES, 'at' .. room)
  if at then redis.call('ZREM', set_of(at), room) end
  redis.call('HDEL', PLACES, 'at' .. room, 'why' .. room)
end
local function close(rooms, known)
  local fields, sets = {}, {}
  for _, room in ipairs(rooms) do
    local at, name = known[room].at, known[room].name
    if at then
      local set = set_of(at)
      sets[set] = sets[set] or {}
      table.insert(sets[set], room)
    end
    local n = #fields
    fields[n + 1], fields[n + 2], fields[n + 3], fields[n + 4] = 'at' .. room, 'why' .. room, 'n' .. room, 'r' .. (name or '')
    if tonumber(room) < UPPER then redis.call('SADD', own .. 'rooms-free', room) end
  end
  for set, members in pairs(sets) do redis.call('ZREM', set, unpack(members)) end
  redis.call('HDEL', PLACES, unpack(fields))
end
local function head_of(room)
  local low = BASE + room * ROOM
  return redis.call('ZRANGEBYSCORE', STANDING, whole(low), whole(low + ROOM - 1), 'LIMIT', '0', '1')[1]
end
local function move_up(room, at)
  local id = head_of(room)
  while id do
    local lane, kind = route(id)
    if lane then
      local to = lane .. ':' .. kind
      if at ~= to then
        if at then redis.call('ZREM', set_of(at), room) end
        redis.call('HSET', PLACES, 'at' .. room, to)
      end
      if at == 'held' then redis.call('HDEL', PLACES, 'why' .. room) end
      local order = redis.call('ZSCORE', STANDING, id) - (BASE + room * ROOM)
      redis.call('ZADD', own .. 'ready:' .. to, whole(order), room)
      return true
    end
    drop(id)
    id = head_of(room)
  end
  return false
end
local function about(rooms)
  local fields, known = {}, {}
  for i, room in ipairs(rooms) do fields[2 * i - 1], fields[2 * i] = 'at' .. room, 'n' .. room end
  local found = redis.call('HMGET', PLACES, unpack(fields))
  for i, room in ipairs(rooms) do known[room] = { at = found[2 * i - 1], name = found[2 * i] } end
  return known
end
local function settle(room)
  local known = about({ room })
  if not move_up(room, known[room].at) then close({ room }, known) end
end
local function hold(room, till, why)
  leave(room)
  redis.call('ZADD', HELD, int(till), room)
  redis.call('HSET', PLACES, 'at' .. room, 'held', 'why' .. room, why)
end
local function rooms_of(ids)
  if #ids == 0 then return {} end
  local rooms = redis.call('ZMSCORE', STANDING, unpack(ids))
  for i, place in ipairs(rooms) do rooms[i] = place and whole((place - BASE) / ROOM) end
  return rooms
end
local function room_of(id) return rooms_of({ id })[1] end
local function remove(ids, isBegun)
  local rooms, jobs = {}, {}
  for i, room in ipairs(rooms_of(ids)) do
    if not room then drop(ids[i])
    elseif jobs[room] then table.insert(jobs[room], ids[i])
    else rooms[#rooms + 1], jobs[room] = room, { ids[i] } end
  end
  if #rooms == 0 then return end
  redis.call('ZREM', STANDING, unpack(ids))
  if not isBegun then redis.call('ZREM', EXPIRY, unpack(ids)) end
  local known, lanes, closed = about(rooms), {}, {}
  for _, room in ipairs(rooms) do
    local lane = string.match(known[room].name or '', '^%a+')
    for any in pairs(lane and { [lane] = true } or LANES) do
      lanes[any] = lanes[any] or {}
      for _, id in ipairs(jobs[room]) do table.insert(lanes[any], id) end
    end
  end
  for lane, ended in pairs(lanes) do redis.call('ZREM', own .. 'lane:' .. lane, unpack(ended)) end
  for _, room in ipairs(rooms) do
    local at = known[room].at
    local isLeft = at == 'held' and head_of(room) or at ~= 'held' and move_up(room, at)
    if not isLeft then closed[#closed + 1] = room end
  end
  if #closed > 0 then close(closed, known) end
end
local function enter(id, name)
  local lane, kind, expires, chat = route(id, name)
  if not lane then return end
  local place = lane .. ' ' .. chat
  local order = redis.call('HINCRBY', PLACES, '@order', '1')
  local age, number = whole(order), whole(UPPER + order % UPPER)
  local found = redis.call('HMGET', PLACES, 'r' .. place, 'n' .. number)
  local room = found[1]
  if not room then
    room = found[2] and whole(redis.call('HINCRBY', PLACES, '@rooms', '1')) or number
    redis.call('ZADD', own .. 'ready:' .. lane .. ':' .. kind, age, room)
    redis.call('HSET', PLACES, 'r' .. place, room, 'n' .. room, place, 'at' .. room, lane .. ':' .. kind)
  end
  redis.call('ZADD', STANDING, whole(BASE + room * ROOM + order), id)
  redis.call('ZADD', own .. 'lane:' .. lane, age, id)
  if expires > 0 then redis.call('ZADD', EXPIRY, int(expires), id) end
end
local function sort(most)
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

import { ROOMS } from './rooms';

/**
 * Looks for what could be sent next, and changes nothing of it: the job stays at its place until it is ended.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  lanes in the order in which they may be served, with commas
 * ARGV[5]  kinds that have to wait now
 * ARGV[6]  rooms whose head is in hand already
 * ARGV[7]  how many arrivals to sort into rooms at most
 * ARGV[8]  how many to hand out at most: those that come next in the same lane, each of another room
 * returns  { now, 1, then of each: job, data, room, lane, kind, 1 when it has expired, how often it was tried } or
 *          { now, 0, ms until the first held room is looked at or -1, ms until the first expiry or -1, 1 when arrivals are left }
 *
 * Constant work per call, whatever waits: a bounded number of arrivals, of rooms whose time has come, and the first heads of at
 * most 18 ready sets.
 */
export const NEXT_SEND = `${ROOMS}
local more = sort(tonumber(ARGV[7]))
for _, room in ipairs(redis.call('ZRANGEBYSCORE', HELD, '-inf', int(now), 'LIMIT', 0, 32)) do settle(room) end
local busy = {}
local hands = split(ARGV[6])
for _, room in ipairs(hands) do busy[room] = true end
local function found(id, room, lane, kind, expired)
  local job = redis.call('HMGET', bull .. id, 'name', 'data', 'tries')
  return job[1] and { id, job[2] or '', room, lane, kind, expired, job[3] or '0' }
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', int(now), 'LIMIT', 0, #hands + 8)) do
  local room = room_of(id)
  local lane, kind = route(id)
  if not room or not lane then drop(id)
  elseif not busy[room] then return { int(now), 1, unpack(found(id, room, lane, kind, 1)) } end
end
local most = tonumber(ARGV[8])
local shut = {}
for _, kind in ipairs(split(ARGV[5])) do shut[kind] = true end
for _, lane in ipairs(split(ARGV[4])) do
  local heads = {}
  local isEmpty = redis.call('EXISTS', own .. 'lane:' .. lane) == 0
  for _, kind in ipairs({ 'group', 'private', 'file', 'reaction', 'moderation', 'other' }) do
    if not isEmpty and not shut[kind] then
      local first = redis.call('ZRANGE', own .. 'ready:' .. lane .. ':' .. kind, 0, #hands + most - 1, 'WITHSCORES')
      for i = 1, #first, 2 do
        if not busy[first[i]] then heads[#heads + 1] = { first[i], tonumber(first[i + 1]), kind } end
      end
    end
  end
  table.sort(heads, function(one, other) return one[2] < other[2] end)
  local answer = { int(now), 1 }
  for i = 1, math.min(most, #heads) do
    local room, _, kind = unpack(heads[i])
    local low = BASE + room * ROOM
    local id = redis.call('ZRANGEBYSCORE', STANDING, int(low), int(low + ROOM - 1), 'LIMIT', 0, 1)[1]
    local head = id and found(id, room, lane, kind, 0)
    if head then
      for _, field in ipairs(head) do answer[#answer + 1] = field end
    else
      settle(room)
      more = true
    end
  end
  if #answer > 2 then return answer end
end
local function first(key)
  local entry = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return entry[2] and int(math.max(1, tonumber(entry[2]) - now)) or '-1'
end
return { int(now), 0, first(HELD), first(EXPIRY), more and 1 or 0 }
`;

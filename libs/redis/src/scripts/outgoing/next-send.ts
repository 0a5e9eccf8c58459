import { ROOMS } from './rooms';

/**
 * Looks for what could be sent next, and changes nothing of it: the job stays at its place until it is ended.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  lanes in the order in which they may be served, with commas
 * ARGV[5]  kinds that have to wait now
 * ARGV[6]  rooms whose head is in hand already
 * ARGV[7]  how many arrivals to sort into rooms at most
 * returns  { now, 1, job, data, room, lane, kind, 1 when it has expired, how often it was tried } or
 *          { now, 0, ms until the first held room is looked at or -1, ms until the first expiry or -1, 1 when arrivals are left }
 *
 * Constant work per call, whatever waits: a bounded number of arrivals, of rooms whose time has come, and the heads of at most 18
 * ready sets.
 */
export const NEXT_SEND = `${ROOMS}
local more = sort(tonumber(ARGV[7]))
for _, room in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', int(now), 'LIMIT', 0, 32)) do settle(room) end
local busy = {}
local hands = split(ARGV[6])
for _, room in ipairs(hands) do busy[room] = true end
local function found(id, room, lane, kind, expired)
  local job = redis.call('HMGET', bull .. id, 'name', 'data', 'tries')
  return job[1] and { int(now), 1, id, job[2] or '', room, lane, kind, expired, job[3] or '0' }
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', int(now), 'LIMIT', 0, #hands + 8)) do
  local room = room_of(id)
  local lane, kind = route(id)
  if not room or not lane then drop(id)
  elseif not busy[room] then return found(id, room, lane, kind, 1) end
end
local shut = {}
for _, kind in ipairs(split(ARGV[5])) do shut[kind] = true end
for _, lane in ipairs(split(ARGV[4])) do
  local best, order, best_kind
  for _, kind in ipairs({ 'group', 'private', 'file', 'reaction', 'moderation', 'other' }) do
    if not shut[kind] then
      local heads = redis.call('ZRANGE', own .. 'ready:' .. lane .. ':' .. kind, 0, #hands, 'WITHSCORES')
      for i = 1, #heads, 2 do
        if not busy[heads[i]] then
          if not best or tonumber(heads[i + 1]) < order then
            best, order, best_kind = heads[i], tonumber(heads[i + 1]), kind
          end
          break
        end
      end
    end
  end
  if best then
    local id = redis.call('ZRANGEBYSCORE', KEYS[3], int(BASE + best * ROOM), int(BASE + best * ROOM + ROOM - 1), 'LIMIT', 0, 1)[1]
    local answer = id and found(id, best, lane, best_kind, 0)
    if answer then return answer end
    settle(best)
    more = true
  end
end
local function first(key)
  local entry = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return entry[2] and int(math.max(1, tonumber(entry[2]) - now)) or '-1'
end
return { int(now), 0, first(KEYS[5]), first(KEYS[6]), more and 1 or 0 }
`;

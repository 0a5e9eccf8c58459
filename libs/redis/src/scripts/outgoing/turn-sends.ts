import { APART } from '../apart';
import { KEEP_RESULT } from '../claim-action';
import { NOTE_READ } from './reach-send';
import { ROOMS_OF_MANY } from './rooms';
import { MEET_RUN } from './server-run';

/** Once looks of a call have found so many bytes, the others are left to the next one: pictures travel inside their actions. */
const FOUND_LENGTH = 256 * 1024;

/**
 * One turn of each account: keeps what came of sends, whose jobs go with that, and then looks for what could be sent next.
 *
 * KEYS and ARGV[1] as in rooms.ts, the keys of all accounts
 * ARGV[2]  time to live of a claim in ms
 * ARGV[3]  number of the call
 * ARGV[4…] of each account: the two prefixes as in rooms.ts, how many outcomes, 1 where a look is wanted or 0, and of each outcome: job, action
 *          id, value to keep, id of the message that was sent or empty; as RECORD_RESULT. They are certain, so NapCat has read these sends,
 *          or will never. Where a look is wanted, then:
 * + 0      lanes in the order in which they may be served, each with the most to hand out of it, `normal 2,bulk 1`
 * + 1      kinds that have to wait now
 * + 2      jobs in hand already
 * + 3      how many arrivals to sort into rooms at most
 * + 4      how the value of an open claim begins, where what is found may be claimed at once: nothing limits the account
 * + 5      epoch of the caller, empty otherwise
 * + 6      numbers of claims under this epoch that are the caller's and were not acted upon, with commas: `call` all of a call, `call.place` one of it
 * + 7      run id of the Redis that the caller is connected to
 * returns  per account as apart.ts says, or { value that stands instead of each outcome, else empty; nothing, where no look is
 *          wanted or where those before have found ${FOUND_LENGTH} bytes, or
 *          { now, 1, 1 when more waits than that and what is in hand, then of each that was found: job, data, room, lane, kind,
 *            1 when it has expired, how often it was tried, its claim: number of ours, stored value of another one, or empty } or
 *          { now, 0, 1 when more waits, ms until the first held room is looked at or -1, ms until the first expiry or -1, 1 when arrivals are left } }
 *
 * A look changes nothing of what it finds but its claim: the job stays at its place until it is ended. It hands out what comes next in the first lane
 * that has something, each of another room. What holds a file goes without a claim, because its file is uploaded before; so does what
 * an earlier version has put. Constant work per call, whatever waits: a bounded number of arrivals, of rooms whose time has come, and the
 * first heads of at most 18 ready sets.
 */
export const TURN_SENDS = `${ROOMS_OF_MANY}${KEEP_RESULT}${NOTE_READ}${MEET_RUN}${APART}
local ttl, call = ARGV[2], ARGV[3]
local found_length = 0

local function conclude(from, count)
  if count == 0 then return {} end
  local stands, ended, jobs, messages = {}, {}, {}, {}
  local read = redis.call('HGET', PACE, 'sent')
  for n = 1, count do
    local at = from + 4 * (n - 1)
    local job, id, message = ARGV[at], ARGV[at + 1], ARGV[at + 3]
    note_read(id, read)
    stands[n] = keep(own .. 'claim:' .. id, ARGV[at + 2], ttl) or ''
    ended[n], jobs[2 * n - 1], jobs[2 * n] = id, bull .. job, bull .. job .. ':logs'
    if message ~= '' then messages[#messages + 1], messages[#messages + 2] = int(clock), message end
    -- Begun, so it does not expire any more; should Redis have forgotten that, a look finds the entry without its job.
    remove(job, true)
  end
  redis.call('HDEL', own .. 'open-actions', unpack(ended))
  redis.call('DEL', unpack(jobs))
  note_sent(own .. 'sent-messages', messages, clock)
  return stands
end

local function look(at)
  local more = sort(tonumber(ARGV[at + 3]))
  for _, room in ipairs(redis.call('ZRANGEBYSCORE', HELD, '-inf', int(now), 'LIMIT', 0, 32)) do settle(room) end
  local busy, hands = {}, 0
  for _, job in ipairs(split(ARGV[at + 2])) do
    local room = room_of(job)
    if room then busy[room], hands = true, hands + 1 end
  end
  local by, epoch = ARGV[at + 4], tonumber(ARGV[at + 5])
  local fence = epoch and tonumber(redis.call('GET', FENCE) or '0')
  local mine = fence and epoch >= fence and {}
  if mine then
    for _, number in ipairs(split(ARGV[at + 6])) do mine[number] = true end
    if epoch > fence then redis.call('SET', FENCE, ARGV[at + 5]) end
  end
  local function is_mine(stored)
    local number = string.sub(stored, 1, #by + 1) == by .. ' ' and string.sub(stored, #by + 2)
    return number and (mine[number] or mine[string.match(number, '^%d+')])
  end
  local claims, opened = 0, own .. 'open-actions'
  local function claim(id, data, trace)
    if not mine or not trace or string.find(data, 'base64://', 1, true) then return '' end
    local action = string.sub(id, 3)
    local key = own .. 'claim:' .. action
    local number = call .. '.' .. (claims + 1)
    local value = by .. ' ' .. number
    if not redis.call('SET', key, value, 'PX', ttl, 'NX') then
      local stored = redis.call('GET', key)
      if not is_mine(stored) then return stored end
      redis.call('SET', key, value, 'PX', ttl)
    end
    claims = claims + 1
    if claims == 1 then
      local pace = redis.call('HMGET', PACE, 'run', 'count')
      if pace[1] ~= ARGV[at + 7] then meet_run(ARGV[at + 7], pace[1], pace[2], 1) end
    end
    if trace ~= '' then
      redis.call('HSET', opened, action, int(clock) .. ' ' .. trace)
      if claims == 1 then redis.call('PEXPIRE', opened, ttl) end
    end
    redis.call('ZREM', EXPIRY, id)
    return number
  end
  local answer = { int(now), 1, 0 }
  local function hand_out(id, room, lane, kind, expired)
    local job = redis.call('HMGET', bull .. id, 'name', 'data', 'tries', 'trace')
    if not job[1] then return false end
    local data = job[2] or ''
    found_length = found_length + #data
    local claimed = expired == 1 and '' or claim(id, data, job[4])
    for _, field in ipairs({ id, data, room, lane, kind, expired, job[3] or '0', claimed }) do answer[#answer + 1] = field end
    return true
  end
  local function waits(found) return redis.call('ZCARD', STANDING) > hands + found and 1 or 0 end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', int(now), 'LIMIT', 0, hands + 8)) do
    local room = room_of(id)
    local lane, kind = route(id)
    if not room or not lane then drop(id)
    elseif not busy[room] and hand_out(id, room, lane, kind, 1) then
      answer[3] = 1
      return answer
    end
  end
  local shut = {}
  for _, kind in ipairs(split(ARGV[at + 1])) do shut[kind] = true end
  for _, wish in ipairs(split(ARGV[at])) do
    local lane, most = string.match(wish, '^(%a+) (%d+)$')
    most = tonumber(most)
    local heads, seen = {}, 0
    -- Of a room at least one job stands in the lane: once so many rooms were seen, there are no others.
    local standing = redis.call('ZCARD', own .. 'lane:' .. lane)
    if standing > 0 then
      for _, kind in ipairs({ 'group', 'private', 'file', 'reaction', 'moderation', 'other' }) do
        if not shut[kind] and seen < standing then
          local first = redis.call('ZRANGE', own .. 'ready:' .. lane .. ':' .. kind, 0, hands + most - 1, 'WITHSCORES')
          seen = seen + #first / 2
          for i = 1, #first, 2 do
            if not busy[first[i]] then heads[#heads + 1] = { first[i], tonumber(first[i + 1]), kind } end
          end
        end
      end
    end
    table.sort(heads, function(one, other) return one[2] < other[2] end)
    local found = 0
    for i = 1, math.min(most, #heads) do
      local room, _, kind = unpack(heads[i])
      local low = BASE + room * ROOM
      local id = redis.call('ZRANGEBYSCORE', STANDING, int(low), int(low + ROOM - 1), 'LIMIT', 0, 1)[1]
      if id and hand_out(id, room, lane, kind, 0) then found = found + 1
      else
        settle(room)
        more = true
      end
    end
    if found > 0 then
      answer[3] = more and 1 or waits(found)
      return answer
    end
  end
  local function first(key)
    local entry = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    return entry[2] and int(math.max(1, tonumber(entry[2]) - now)) or '-1'
  end
  return { int(now), 0, waits(0), first(HELD), first(EXPIRY), more and 1 or 0 }
end

local parts, at = {}, 4
while ARGV[at] do
  parts[#parts + 1] = at
  at = at + 4 + 4 * ARGV[at + 2] + 8 * ARGV[at + 3]
end
return apart(#parts, function(n)
  local from = parts[n]
  use(ARGV[from], ARGV[from + 1])
  local count = tonumber(ARGV[from + 2])
  local stands = conclude(from + 4, count)
  if ARGV[from + 3] == '0' or found_length > ${FOUND_LENGTH} then return { stands } end
  return { stands, look(from + 4 + 4 * count) }
end)
`;

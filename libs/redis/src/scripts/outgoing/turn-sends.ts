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
local stamp = whole(clock)
local KINDS = { 'group', 'private', 'file', 'reaction', 'moderation', 'other' }

-- What one call reads of all accounts: claims and fences, and whether there is anything that seldom is.
local parts, names, seldom, values, at = {}, {}, {}, {}, 4
while ARGV[at] do
  parts[#parts + 1] = at
  use(ARGV[at], ARGV[at + 1])
  for n = 1, ARGV[at + 2] do names[#names + 1] = own .. 'claim:' .. ARGV[at + 4 * n + 1] end
  at = at + 4 + 4 * ARGV[at + 2]
  if ARGV[parts[#parts] + 3] == '1' then
    names[#names + 1] = FENCE
    for _, key in ipairs({ ARRIVED, UNSORTED, HELD }) do seldom[#seldom + 1] = key end
    at = at + 8
  end
end
for i, value in ipairs(redis.call('MGET', unpack(names))) do values[names[i]] = value end
local isUsual = #seldom == 0 or redis.call('EXISTS', unpack(seldom)) == 0

local function conclude(from, count, read)
  local stands, ended, jobs, hashes, messages = {}, {}, {}, {}, {}
  for n = 1, count do
    local at = from + 4 * (n - 1)
    local job, id, value, message = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    local claim = own .. 'claim:' .. id
    note_read(id, read)
    if is_certain(values[claim]) then stands[n] = values[claim]
    else
      redis.call('SET', claim, value, 'PX', ttl)
      values[claim], stands[n] = value, ''
    end
    ended[n], jobs[n], hashes[2 * n - 1], hashes[2 * n] = id, job, bull .. job, bull .. job .. ':logs'
    if message ~= '' then messages[#messages + 1], messages[#messages + 2] = stamp, message end
  end
  -- Begun, so they do not expire any more; should Redis have forgotten that, a look finds the entry without its job.
  remove(jobs, true)
  redis.call('HDEL', own .. 'open-actions', unpack(ended))
  redis.call('DEL', unpack(hashes))
  note_sent(own .. 'sent-messages', messages, clock)
  return stands
end

local function look(at, run, count)
  local more = not isUsual and sort(tonumber(ARGV[at + 3]))
  if not isUsual then
    for _, room in ipairs(redis.call('ZRANGEBYSCORE', HELD, '-inf', whole(now), 'LIMIT', 0, 32)) do settle(room) end
  end
  local busy, hands = {}, 0
  for _, room in ipairs(rooms_of(split(ARGV[at + 2]))) do
    if room then busy[room], hands = true, hands + 1 end
  end
  local by, epoch = ARGV[at + 4], tonumber(ARGV[at + 5])
  local fence = epoch and tonumber(values[FENCE] or '0')
  local mine = fence and epoch >= fence and {}
  if mine then
    for _, number in ipairs(split(ARGV[at + 6])) do mine[number] = true end
    if epoch > fence then redis.call('SET', FENCE, ARGV[at + 5]) end
  end
  local function is_mine(stored)
    local number = string.sub(stored, 1, #by + 1) == by .. ' ' and string.sub(stored, #by + 2)
    return number and (mine[number] or mine[string.match(number, '^%d+')])
  end
  local claimed, opened = {}, {}
  local function claim(id, data, trace)
    if not mine or not trace or string.find(data, 'base64://', 1, true) then return '' end
    local action = string.sub(id, 3)
    local key = own .. 'claim:' .. action
    local number = call .. '.' .. (#claimed + 1)
    local value = by .. ' ' .. number
    if not redis.call('SET', key, value, 'PX', ttl, 'NX') then
      local stored = redis.call('GET', key)
      if not is_mine(stored) then return stored end
      redis.call('SET', key, value, 'PX', ttl)
    end
    claimed[#claimed + 1] = id
    if trace ~= '' then opened[#opened + 1], opened[#opened + 2] = action, stamp .. ' ' .. trace end
    return number
  end
  local function keep_claims()
    if #claimed == 0 then return end
    if run ~= ARGV[at + 7] then meet_run(ARGV[at + 7], run, count, 1) end
    if #opened > 0 then
      redis.call('HSET', own .. 'open-actions', unpack(opened))
      redis.call('PEXPIRE', own .. 'open-actions', ttl)
    end
    redis.call('ZREM', EXPIRY, unpack(claimed))
  end
  local answer = { now, 1, 0 }
  local function hand_out(id, room, lane, kind, expired)
    local job = redis.call('HMGET', bull .. id, 'name', 'data', 'tries', 'trace')
    if not job[1] then return false end
    local data = job[2] or ''
    found_length = found_length + #data
    local claimed = expired == 1 and '' or claim(id, data, job[4])
    local n = #answer
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = id, data, room, lane
    answer[n + 5], answer[n + 6], answer[n + 7], answer[n + 8] = kind, expired, job[3] or '0', claimed
    return true
  end
  local function none(waits)
    local function first(key)
      local entry = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
      return entry[2] and math.max(1, tonumber(entry[2]) - now) or -1
    end
    return { now, 0, waits and 1 or 0, isUsual and -1 or first(HELD), first(EXPIRY), more and 1 or 0 }
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', whole(now), 'LIMIT', '0', whole(hands + 8))) do
    local room = room_of(id)
    local lane, kind = route(id)
    if not room or not lane then drop(id)
    elseif not busy[room] and hand_out(id, room, lane, kind, 1) then
      answer[3] = 1
      return answer
    end
  end
  local standing = redis.call('ZCARD', STANDING)
  if standing == hands then return none(false) end
  local shut = {}
  for _, kind in ipairs(split(ARGV[at + 1])) do shut[kind] = true end
  for _, wish in ipairs(split(ARGV[at])) do
    local lane, most = string.match(wish, '^(%a+) (%d+)$')
    most = tonumber(most)
    local sets, kinds = {}, {}
    for _, kind in ipairs(KINDS) do
      if not shut[kind] then sets[#sets + 1], kinds[#kinds + 1] = own .. 'ready:' .. lane .. ':' .. kind, kind end
    end
    local filled = #sets > 0 and redis.call('EXISTS', unpack(sets)) or 0
    local heads, isMixed = {}, filled > 1
    for n, set in ipairs(sets) do
      if filled == 0 then break end
      local first = redis.call('ZRANGE', set, '0', whole(hands + most - 1), 'WITHSCORES')
      if first[1] then filled = filled - 1 end
      local last = #heads + most
      for i = 1, #first, 2 do
        if #heads == last then break end
        if not busy[first[i]] then heads[#heads + 1] = { first[i], tonumber(first[i + 1]), kinds[n] } end
      end
    end
    if isMixed then table.sort(heads, function(one, other) return one[2] < other[2] end) end
    local found = 0
    for i = 1, math.min(most, #heads) do
      local room, _, kind = unpack(heads[i])
      local id = head_of(room)
      if id and hand_out(id, room, lane, kind, 0) then found = found + 1
      else
        settle(room)
        more = true
      end
    end
    if found > 0 then
      keep_claims()
      answer[3] = (more or standing > hands + found) and 1 or 0
      return answer
    end
  end
  return none(standing > hands)
end

return apart(#parts, function(n)
  local from = parts[n]
  use(ARGV[from], ARGV[from + 1])
  local count, isWanted = tonumber(ARGV[from + 2]), ARGV[from + 3] == '1' and found_length <= ${FOUND_LENGTH}
  local pace = redis.call('HMGET', PACE, 'sent', 'run', 'count')
  local stands = count > 0 and conclude(from + 4, count, pace[1]) or {}
  if not isWanted then return { stands } end
  return { stands, look(from + 4 + 4 * count, pace[2], pace[3]) }
end)
`;

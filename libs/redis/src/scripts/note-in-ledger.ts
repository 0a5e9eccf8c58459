import { APART } from './apart';

/** The lock of an envelope that its holder left to the next one, and did not go down with. */
export const LEFT = 'left';

/**
 * Takes events for handling, marks them as settled, and marks envelopes as done: many of one or several partitions in one call, of each
 * one after the other. What is kept of a done envelope is the id, by which a repeated add is recognised; what people said goes at once.
 *
 * KEYS[2n-1]  hash of the nth partition: reference → id of the copy that was taken, after a `!` when it is settled. With `-age` behind it:
 *             sorted set of the same references, scored with the time at which they were added (milliseconds, clock of Redis)
 * KEYS[2n]    what the keys of its queue begin with; used are `active`, `completed` and those of its jobs
 * ARGV[1]     age at which a reference is forgotten, milliseconds
 * ARGV[2]     references that are remembered of a partition
 * ARGV[3]     age at which done envelopes are forgotten, milliseconds
 * ARGV[4]     done envelopes that are kept of a partition
 * ARGV[5…]    of each partition: 1 where what is too old or too much is to be forgotten now, how many entries, and of each entry: `take`
 *             or `settle`, reference, id of the copy; or `end` or `leave`, id of the envelope, token of its lock
 * returns     of each partition as apart.ts says, or per entry: for `take` what was stored before, or an empty text when it is taken now;
 *             for `settle` and `leave` an empty text; for `end` `done`, also when it was done before, or an empty text when the lock was
 *             lost: then nothing was done to it
 *
 * Invariants: of all copies with one reference, one is answered with an empty text, within age and number. Of two that hold the same
 * envelope, one after the other had stalled, only the later one ends it. The same call again changes nothing and answers the same, but
 * that a copy which it took is told to be taken. At most 512 references and as many envelopes are forgotten by a call, so that none
 * is long; that is more than a caller adds from one time it asks for it to the next.
 */
export const NOTE_IN_LEDGER = `${APART}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = string.format('%d', now)

local function mark(memory, what, reference, copy, added)
  if what == 'settle' then
    if redis.call('HSET', memory, reference, '!' .. copy) == 0 then return '' end
  elseif redis.call('HSETNX', memory, reference, copy) == 0 then return redis.call('HGET', memory, reference) end
  added[#added + 1] = stamp
  added[#added + 1] = reference
  return ''
end

-- BullMQ's set of those that may have stalled keeps the id: its check looks whether it is active still.
local function finish(queue, id, token)
  local job = queue .. id
  local holder = redis.call('GET', job .. ':lock')
  if not holder and redis.call('ZSCORE', queue .. 'completed', id) then return 'done' end
  if holder ~= token then return '' end
  redis.call('DEL', job .. ':lock')
  redis.call('LREM', queue .. 'active', -1, id)
  redis.call('ZADD', queue .. 'completed', stamp, id)
  redis.call('HSET', job, 'data', '', 'returnvalue', 'null', 'finishedOn', stamp, 'atm', 1)
  return 'done'
end

-- It stays where it is, so that it keeps its place among those in hand. For a minute it is told apart from what somebody went down with.
local function leave(queue, id, token)
  local lock = queue .. id .. ':lock'
  if redis.call('GET', lock) == token then redis.call('SET', lock, '${LEFT}', 'EX', 60) end
  return ''
end

local function oldest(set, age, number)
  local old = redis.call('ZCOUNT', set, '-inf', now - age)
  local drop = math.min(math.max(old, redis.call('ZCARD', set) - number), 512)
  local found = drop > 0 and redis.call('ZRANGE', set, 0, drop - 1) or {}
  if #found > 0 then redis.call('ZREM', set, unpack(found)) end
  return found
end

local function forget(memory, queue)
  local references = oldest(memory .. '-age', ARGV[1], ARGV[2])
  if #references > 0 then redis.call('HDEL', memory, unpack(references)) end
  local jobs = oldest(queue .. 'completed', ARGV[3], ARGV[4])
  for i, id in ipairs(jobs) do jobs[i] = queue .. id end
  if #jobs > 0 then redis.call('UNLINK', unpack(jobs)) end
end

local parts, at = {}, 5
while ARGV[at] do
  parts[#parts + 1] = at
  at = at + 2 + 3 * ARGV[at + 1]
end
return apart(#parts, function(n)
  local memory, queue, from = KEYS[2 * n - 1], KEYS[2 * n], parts[n]
  local answers, added = {}, {}
  for entry = 1, ARGV[from + 1] do
    local i = from + 3 * entry - 1
    local what, subject, value = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    if what == 'end' then answers[entry] = finish(queue, subject, value)
    elseif what == 'leave' then answers[entry] = leave(queue, subject, value)
    else answers[entry] = mark(memory, what, subject, value, added) end
  end
  if #added > 0 then redis.call('ZADD', memory .. '-age', unpack(added)) end
  if ARGV[from] == '1' then forget(memory, queue) end
  return answers
end)
`;

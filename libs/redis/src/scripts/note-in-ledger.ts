/**
 * Takes events for handling, marks them as settled, and marks envelopes as done: many of one or several partitions in one call, one after
 * the other. What is kept of a done envelope is the id, by which a repeated add is recognised; what people said goes at once.
 *
 * KEYS[2n-1]  hash of the nth partition: reference → id of the copy that was taken, after a `!` when it is settled. With `-age` behind it:
 *             sorted set of the same references, scored with the time at which they were added (milliseconds, clock of Redis)
 * KEYS[2n]    what the keys of its queue begin with; used are `active`, `stalled`, `completed` and those of its jobs
 * ARGV[1]     age at which a reference is forgotten, milliseconds
 * ARGV[2]     references that are remembered of a partition
 * ARGV[3]     age at which done envelopes are forgotten, milliseconds
 * ARGV[4]     done envelopes that are kept of a partition
 * ARGV[5…]    of each entry: n, then `take` or `settle`, reference, id of the copy; or `end`, id of the envelope, token of its lock
 * returns     per entry: for `take` what was stored before, or an empty text when it is taken now; for `settle` an empty text; for `end`
 *             `done`, also when it was done before, or an empty text when the lock was lost: then nothing was done to it
 *
 * Invariants: of all copies with one reference, one is answered with an empty text, within age and number; both bounds are applied by every
 * call that adds one, at most 256 references each, so that no call is long. Of two that hold the same envelope, one after the other
 * had stalled, only the later one ends it. The same call again changes nothing and answers the same, but that a copy which it took is told
 * to be taken.
 */
export const NOTE_IN_LEDGER = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answers, added, ended = {}, {}, {}

local function mark(memory, what, reference, copy)
  if what == 'settle' then
    if redis.call('HSET', memory, reference, '!' .. copy) == 0 then return '' end
  else
    local stored = redis.call('HGET', memory, reference)
    if stored then return stored end
    redis.call('HSET', memory, reference, copy)
  end
  redis.call('ZADD', memory .. '-age', now, reference)
  added[memory] = true
  return ''
end

local function finish(queue, id, token)
  local job = queue .. id
  local holder = redis.call('GET', job .. ':lock')
  if not holder and redis.call('ZSCORE', queue .. 'completed', id) then return 'done' end
  if holder ~= token then return '' end
  redis.call('DEL', job .. ':lock')
  redis.call('SREM', queue .. 'stalled', id)
  redis.call('LREM', queue .. 'active', -1, id)
  redis.call('ZADD', queue .. 'completed', now, id)
  redis.call('HDEL', job, 'data')
  redis.call('HSET', job, 'returnvalue', 'null', 'finishedOn', now, 'atm', 1)
  ended[queue] = true
  return 'done'
end

for i = 5, #ARGV, 4 do
  local n, what = tonumber(ARGV[i]), ARGV[i + 1]
  if what == 'end' then
    answers[#answers + 1] = finish(KEYS[2 * n], ARGV[i + 2], ARGV[i + 3])
  else
    answers[#answers + 1] = mark(KEYS[2 * n - 1], what, ARGV[i + 2], ARGV[i + 3])
  end
end

for memory in pairs(added) do
  local ages = memory .. '-age'
  local old = redis.call('ZCOUNT', ages, '-inf', now - ARGV[1])
  local surplus = redis.call('ZCARD', ages) - ARGV[2]
  local drop = math.min(math.max(old, surplus), 256)
  if drop > 0 then
    local forgotten = redis.call('ZRANGE', ages, 0, drop - 1)
    redis.call('ZREM', ages, unpack(forgotten))
    redis.call('HDEL', memory, unpack(forgotten))
  end
end

for queue in pairs(ended) do
  local done = queue .. 'completed'
  local forgotten = redis.call('ZRANGEBYSCORE', done, '-inf', now - ARGV[3], 'LIMIT', 0, 200)
  local surplus = redis.call('ZCARD', done) - ARGV[4]
  if surplus > #forgotten then forgotten = redis.call('ZRANGE', done, 0, math.min(surplus, 200) - 1) end
  if #forgotten > 0 then
    redis.call('ZREM', done, unpack(forgotten))
    for i, id in ipairs(forgotten) do forgotten[i] = queue .. id end
    redis.call('UNLINK', unpack(forgotten))
  end
end
return answers
`;

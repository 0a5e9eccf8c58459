import { APART } from '../apart';
import { ROOMS_OF_MANY } from './rooms';

/**
 * Puts actions into the queues of accounts, each once: as jobs that BullMQ knows, and straight into their rooms, so that a look finds them where they
 * stand. Behind what came by the way of earlier versions, among BullMQ's prioritized jobs: while more of that is left than one call
 * sorts, they take the same way.
 *
 * KEYS and ARGV[1] as in rooms.ts, the keys of all accounts
 * ARGV[2]  timestamp of the jobs, milliseconds since 1970
 * ARGV[3…] of each account: the two prefixes as in rooms.ts, how many actions, and of each of these: id, name, priority, options of the job
 *          as JSON, data, what is to be known of it once it is begun
 * returns  per account how many were put, or as apart.ts says; a job whose id is there already is left as it is
 */
export const PUT_SENDS = `${ROOMS_OF_MANY}${APART}
local parts, seldom, at = {}, {}, 3
while ARGV[at] do
  parts[#parts + 1] = at
  use(ARGV[at], ARGV[at + 1])
  seldom[#seldom + 1], seldom[#seldom + 2] = ARRIVED, UNSORTED
  for n = 1, ARGV[at + 2] do seldom[#seldom + 1] = bull .. ARGV[at + 6 * n - 3] end
  at = at + 3 + 6 * ARGV[at + 2]
end
parts[#parts + 1] = at
local isUsual, isPut = redis.call('EXISTS', unpack(seldom)) == 0, {}

local function put(from, to)
  local isLate = not isUsual and sort(64)
  local count = 0
  for at = from, to, 6 do
    local id, priority = ARGV[at], ARGV[at + 2]
    local job = bull .. id
    if not isPut[job] and (isUsual or redis.call('EXISTS', job) == 0) then
      redis.call('HSET', job, 'name', ARGV[at + 1], 'data', ARGV[at + 4], 'opts', ARGV[at + 3], 'timestamp', ARGV[2],
        'delay', 0, 'priority', priority, 'trace', ARGV[at + 5])
      isPut[job] = true
      if isLate then
        local score = priority * 0x100000000 + redis.call('INCR', bull .. 'pc') % 0x100000000
        redis.call('ZADD', ARRIVED, score, id)
      else enter(id, ARGV[at + 1]) end
      count = count + 1
    end
  end
  return count
end

return apart(#parts - 1, function(n)
  local from = parts[n]
  use(ARGV[from], ARGV[from + 1])
  return put(from + 3, parts[n + 1] - 1)
end)
`;

import { ROOMS } from './rooms';

/**
 * Puts actions into an account's queue, each once: as jobs that BullMQ knows, and straight into their rooms, so that a look finds them where they
 * stand. Behind what came by the way of earlier versions, among BullMQ's prioritized jobs: while more of that is left than one call
 * sorts, they take the same way.
 *
 * KEYS and ARGV[1..3] as in rooms.ts
 * ARGV[4]  timestamp of the jobs, milliseconds since 1970
 * ARGV[5…] of each: id, name, priority, options of the job as JSON, data, what is to be known of it once it is begun
 * returns  how many were put; a job whose id is there already is left as it is
 */
export const PUT_SENDS = `${ROOMS}
local isLate = sort(64)
local put = 0
for at = 5, #ARGV, 6 do
  local id, priority = ARGV[at], ARGV[at + 2]
  if redis.call('EXISTS', bull .. id) == 0 then
    redis.call('HSET', bull .. id, 'name', ARGV[at + 1], 'data', ARGV[at + 4], 'opts', ARGV[at + 3], 'timestamp', ARGV[4],
      'delay', 0, 'priority', priority, 'trace', ARGV[at + 5])
    if isLate then
      local score = priority * 0x100000000 + redis.call('INCR', bull .. 'pc') % 0x100000000
      redis.call('ZADD', ARRIVED, string.format('%.0f', score), id)
    else enter(id, ARGV[at + 1]) end
    put = put + 1
  end
end
return put
`;

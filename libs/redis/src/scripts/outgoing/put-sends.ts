/**
 * Puts actions into an account's queue, as BullMQ would add them with a priority, each once. What BullMQ writes to its stream of
 * events and to its marker is left out, because nobody reads it.
 *
 * KEYS[1]  prioritized jobs
 * KEYS[2]  counter that orders equal priorities
 * ARGV[1]  prefix of job keys
 * ARGV[2]  now, milliseconds since 1970
 * ARGV[3…] of each: id, name, priority, options of the job as JSON, data
 * returns  how many were put; a job whose id is there already is left as it is
 */
export const PUT_SENDS = `
local put = 0
for at = 3, #ARGV, 5 do
  local job, priority = ARGV[1] .. ARGV[at], ARGV[at + 2]
  if redis.call('EXISTS', job) == 0 then
    redis.call('HSET', job, 'name', ARGV[at + 1], 'data', ARGV[at + 4], 'opts', ARGV[at + 3], 'timestamp', ARGV[2],
      'delay', 0, 'priority', priority)
    local score = priority * 0x100000000 + redis.call('INCR', KEYS[2]) % 0x100000000
    redis.call('ZADD', KEYS[1], string.format('%.0f', score), ARGV[at])
    put = put + 1
  end
end
return put
`;

import { APART } from '../apart';

/**
 * Puts envelopes into the queues of their partitions, as BullMQ would, each once.
 *
 * KEYS     what the keys of the queues begin with; used are `wait`, next to be taken last, `marker`, which wakes consumers that block,
 *          `meta`, the settings of the queue, and those of its jobs. A Redis Cluster is told these, too
 * ARGV[1]  options of the jobs, JSON
 * ARGV[2]  now, milliseconds since 1970
 * ARGV[3]  1 where consumers hear of it by the channel `arrived` of the queue
 * ARGV[4…] of each envelope: the number of its queue among KEYS, id, data
 * returns  of each: 1, or 0 when a job of this id is remembered, then nothing was done; or { `refused`, why }
 *
 * Invariant: whoever has seen an empty queue hears of the next envelope in it.
 */
export const PUT_ENVELOPES = `${APART}
local jobs, isPut = {}, {}
for at = 4, #ARGV, 3 do jobs[#jobs + 1] = KEYS[tonumber(ARGV[at])] .. ARGV[at + 1] end
local areNew = redis.call('EXISTS', unpack(jobs)) == 0
local function put(queue, id, data)
  local job = queue .. id
  if isPut[job] or not areNew and redis.call('EXISTS', job) == 1 then return 0 end
  isPut[job] = true
  redis.call('HSET', job, 'name', 'envelope', 'data', data, 'opts', ARGV[1], 'timestamp', ARGV[2], 'delay', 0, 'priority', 0)
  local waiting = redis.call('LPUSH', queue .. 'wait', id)
  if redis.call('HEXISTS', queue .. 'meta', 'paused') == 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
  if waiting == 1 and ARGV[3] == '1' then redis.call('PUBLISH', queue .. 'arrived', '') end
  return 1
end
return apart((#ARGV - 3) / 3, function(n)
  local at = 3 * n + 1
  return put(KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2])
end)
`;

/**
 * The waiting reads of an account whose time is over, wherever BullMQ has them. Those in hand of somebody alive are not among them.
 *
 * KEYS[1]  wait list, KEYS[2] active list, KEYS[3] prioritized, KEYS[4] delayed
 * ARGV[1]  prefix of job keys
 * ARGV[2]  so many of each place are looked at, the oldest first
 * returns  { job, data, job, data, … }
 */
export const EXPIRED_READS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
local function look(ids)
  for _, id in ipairs(ids) do
    local data = redis.call('HGET', ARGV[1] .. id, 'data')
    local ok, action = pcall(cjson.decode, data or '')
    local expires = ok and type(action) == 'table' and tonumber(action['expiresAt'])
    if expires and expires <= now and redis.call('EXISTS', ARGV[1] .. id .. ':lock') == 0 then
      found[#found + 1] = id
      found[#found + 1] = data
    end
  end
end
look(redis.call('LRANGE', KEYS[1], -ARGV[2], -1))
look(redis.call('LRANGE', KEYS[2], -ARGV[2], -1))
look(redis.call('ZRANGE', KEYS[3], 0, ARGV[2] - 1))
look(redis.call('ZRANGE', KEYS[4], 0, ARGV[2] - 1))
return found
`;

/**
 * A read that has ended without BullMQ's knowledge goes.
 *
 * KEYS[1..4] and ARGV[1] as above
 * ARGV[2]    job
 */
export const END_READ = `
local id = ARGV[2]
redis.call('LREM', KEYS[1], 0, id)
redis.call('LREM', KEYS[2], 0, id)
redis.call('ZREM', KEYS[3], id)
redis.call('ZREM', KEYS[4], id)
redis.call('DEL', ARGV[1] .. id, ARGV[1] .. id .. ':logs')
return 1
`;

/**
 * Changes what operators have set about plugins, and raises the version.
 *
 * KEYS[1]  hash: setting → value; `@version`
 * ARGV[1]  most settings
 * ARGV[2]  how many settings follow that are set: pairs of name and value
 * ARGV[…]  the pairs, then the names of settings that are taken away
 * returns  the new version; 0 when nothing was changed; -1 when there is no room, and nothing was done
 */
export const CHANGE_PLUGIN_SETTINGS = `
local sets = tonumber(ARGV[2])
local last = 2 + sets * 2
local new = 0
for i = 3, last, 2 do
  if redis.call('HEXISTS', KEYS[1], ARGV[i]) == 0 then new = new + 1 end
end
if new > 0 and redis.call('HLEN', KEYS[1]) + new > tonumber(ARGV[1]) then return -1 end
local changed = 0
for i = 3, last, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) ~= ARGV[i + 1] then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    changed = changed + 1
  end
end
for i = last + 1, #ARGV do changed = changed + redis.call('HDEL', KEYS[1], ARGV[i]) end
if changed == 0 then return 0 end
return redis.call('HINCRBY', KEYS[1], '@version', 1)
`;

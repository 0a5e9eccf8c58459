/**
 * Says what a worker has loaded, and forgets what nobody has loaded any more.
 *
 * KEYS[1]  the board: plugin → what it declares; `@<node>` → what that worker has loaded and what not, as JSON
 * ARGV[1]  the worker's own field
 * ARGV[2]  what it has loaded: `{at, loaded, unfit}`
 * ARGV[3]  workers that were posted before this time, ms, and are not named below, are gone
 * ARGV[4]  how many plugins follow: pairs of id and declaration
 * ARGV[…]  the pairs, then the fields of the workers that live
 * returns  how many fields were taken away
 *
 * Invariant: what a living worker has loaded is on the board.
 */
export const POST_PLUGINS = `
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
local last = 4 + tonumber(ARGV[4]) * 2
for i = 5, last, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
local lives = { [ARGV[1]] = true }
for i = last + 1, #ARGV do lives[ARGV[i]] = true end
local loaded, gone = {}, {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 1) == '@' then
    local posted = cjson.decode(all[i + 1])
    if lives[all[i]] or (tonumber(posted['at']) or 0) >= tonumber(ARGV[3]) then
      for _, id in ipairs(posted['loaded'] or {}) do loaded[id] = true end
    else gone[#gone + 1] = all[i] end
  end
end
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 1) ~= '@' and not loaded[all[i]] then gone[#gone + 1] = all[i] end
end
for _, field in ipairs(gone) do redis.call('HDEL', KEYS[1], field) end
return #gone
`;

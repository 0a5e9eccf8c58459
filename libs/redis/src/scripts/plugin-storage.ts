/**
 * Operations on the values of one plugin in one scope, in their order.
 *
 * KEYS[1]  hash: `.name` → `<end of life in ms, or nothing>\n<JSON>`; `@bytes` → bytes of all names and values
 * ARGV[1]  most bytes
 * ARGV[2]  most names
 * ARGV[3]  milliseconds without any use after which the whole is forgotten
 * ARGV[4]  the operations as JSON: `{op, field, value, expected, ttl, by, prefix, limit, after}`
 * returns  JSON, one answer per operation: `{v = value or false}`, `{ok = true}`, `{list = {name, value, …}}`, or `{full = true}` when
 *          there was no room, `{bad = true}` when what is there is no whole number
 *
 * Invariant: `@bytes` is the size of what is stored, and a refused operation changes nothing. Time is that of Redis.
 */
export const PLUGIN_STORAGE = `
local key, most_bytes, most_names, idle = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bytes = tonumber(redis.call('HGET', key, '@bytes') or '0')
local names = math.max(redis.call('HLEN', key) - 1, 0)

local function forget(field, stored)
  redis.call('HDEL', key, field)
  bytes, names = bytes - #field - #stored, names - 1
end

local function read(field)
  local stored = redis.call('HGET', key, field)
  if not stored then return false end
  local cut = string.find(stored, '\\n', 1, true)
  local ends = tonumber(string.sub(stored, 1, cut - 1))
  if ends and ends <= now then
    forget(field, stored)
    return false
  end
  return string.sub(stored, cut + 1), stored, ends
end

local function sweep()
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    if all[at] ~= '@bytes' then read(all[at]) end
  end
end

local function write(field, value, ends)
  local _, before = read(field)
  local stored = (ends and string.format('%.0f', ends) or '') .. '\\n' .. value
  local function fits()
    local more = #stored - (before and #before or -#field)
    return bytes + more <= most_bytes and (before or names + 1 <= most_names)
  end
  if not fits() then
    sweep()
    if not fits() then return { full = true } end
  end
  redis.call('HSET', key, field, stored)
  bytes = bytes + #stored - (before and #before or -#field)
  if not before then names = names + 1 end
  return nil
end

local function ends_in(ttl) return ttl and now + ttl or nil end

local run = {}
function run.get(o) return { v = (read(o.field)) } end
function run.set(o) return write(o.field, o.value, ends_in(o.ttl)) or { ok = true } end
function run.delete(o)
  local _, stored = read(o.field)
  if stored then forget(o.field, stored) end
  return { ok = true }
end
function run.swap(o)
  local value = read(o.field)
  if value ~= (o.expected or false) then return { v = value } end
  if o.value == '' then return run.delete(o) end
  return run.set(o)
end
function run.add(o)
  local value, _, ends = read(o.field)
  if value and not string.match(value, '^-?%d+$') then return { bad = true } end
  local sum = string.format('%.0f', (tonumber(value) or 0) + o.by)
  local until_then = ends
  if not value then until_then = ends_in(o.ttl) end
  return write(o.field, sum, until_then) or { v = sum }
end
function run.list(o)
  local found = {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, #o.prefix) == o.prefix and (not o.after or field > o.after) then found[#found + 1] = field end
  end
  table.sort(found)
  local list = {}
  for _, field in ipairs(found) do
    if #list >= o.limit * 2 then break end
    local value = field ~= '@bytes' and read(field)
    if value then
      list[#list + 1] = string.sub(field, 2)
      list[#list + 1] = value
    end
  end
  return { list = list }
end

local answers = {}
for at, o in ipairs(cjson.decode(ARGV[4])) do answers[at] = run[o.op](o) end
if names <= 0 then
  redis.call('DEL', key)
else
  if redis.call('HGET', key, '@bytes') ~= tostring(bytes) then redis.call('HSET', key, '@bytes', bytes) end
  if redis.call('PTTL', key) < idle / 2 then redis.call('PEXPIRE', key, idle) end
end
return cjson.encode(answers)
`;

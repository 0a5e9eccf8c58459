/**
 * Leases of one realm. Common to all scripts:
 *
 * KEYS[1]  nodes: hash, node → { record, until, robbed, told }; `until` is Redis time in ms, the end of the node's heartbeat; `told`: which
 *          telling of its leases the node was given last
 * KEYS[2]  leases: hash, key → "<epoch> <node>"
 * KEYS[3]  realm: hash { table: run id of the Redis in which this table lives, quiet: Redis time in ms, epoch: counter, told: counter }
 *
 * Invariant: a lease is valid exactly while its holder's heartbeat is, by the clock of this Redis. No script gives a valid
 * lease to somebody else, except SEIZE_LEASE, which marks the old holder as robbed, so that its next renewal learns of it.
 *
 * A Redis that restarts or takes over from a master may have forgotten its last second: a lease that it shows as free may be
 * held. So when the run id is another one and nodes were alive a moment ago, no lease is given and nobody acts for one time to
 * live, in which every holder either finds its lease confirmed or stops. Epochs go on from the time in ms, which is above all
 * that were given before, since far fewer than one per ms are given. The leases of the table get new ones too: a forgotten holder
 * may have raised fences in this Redis meanwhile, and the confirmed holder must come after it.
 */
const PRELUDE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local table_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = {}
local function entry(node)
  if known[node] == nil then
    local text = redis.call('HGET', KEYS[1], node)
    known[node] = text and cjson.decode(text) or false
  end
  return known[node]
end
local function alive(node)
  local found = entry(node)
  return found and found['until'] > now
end
local function holder(key)
  local text = redis.call('HGET', KEYS[2], key)
  if not text then return nil end
  local at = string.find(text, ' ', 1, true)
  return string.sub(text, at + 1), string.sub(text, 1, at - 1)
end
local function quiet_ms()
  return math.max(0, tonumber(redis.call('HGET', KEYS[3], 'quiet') or '0') - now)
end
local function may_get(node)
  return alive(node) and redis.call('HGET', KEYS[3], 'table') == table_id and quiet_ms() == 0
end
local function give(key, node)
  local before = holder(key)
  if before and before ~= node and entry(before) then
    local robbed = entry(before)
    robbed['robbed'] = true
    redis.call('HSET', KEYS[1], before, cjson.encode(robbed))
  end
  local epoch = string.format('%.0f', redis.call('HINCRBY', KEYS[3], 'epoch', 1))
  redis.call('HSET', KEYS[2], key, epoch .. ' ' .. node)
  return epoch
end
`;

/**
 * ARGV  node, its record as JSON, time to live in ms, table and telling that it saw last ('' at its first renewal)
 * returns  { 1 when `held` follows else 0, table and telling, ms of quiet, ms until the first other heartbeat runs out or -1,
 *            records of the living nodes, key and epoch of each own lease }
 *
 * A node whose heartbeat had run out, or that was robbed, is told what it holds until it has shown that it knows: the answer to its
 * first renewal may be lost, and it would believe for ever that it holds what others have taken.
 *
 * A table that is empty when a node that has just started looks is taken for a new cluster's. Nodes that have been gone for ten
 * times their time to live are forgotten.
 */
export const RENEW_LEASES = `${PRELUDE}
local node, record, ttl, seen = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local all = redis.call('HGETALL', KEYS[1])
if redis.call('HGET', KEYS[3], 'table') ~= table_id then
  local lived = seen ~= ''
  for i = 2, #all, 2 do
    if cjson.decode(all[i])['until'] + ttl > now then lived = true end
  end
  local epoch = math.max(now, tonumber(redis.call('HGET', KEYS[3], 'epoch') or '0'))
  redis.call('HSET', KEYS[3], 'table', table_id, 'epoch', string.format('%.0f', epoch))
  if lived then redis.call('HSET', KEYS[3], 'quiet', string.format('%.0f', now + ttl)) end
  for _, key in ipairs(redis.call('HKEYS', KEYS[2])) do
    local owner = holder(key)
    epoch = redis.call('HINCRBY', KEYS[3], 'epoch', 1)
    redis.call('HSET', KEYS[2], key, string.format('%.0f', epoch) .. ' ' .. owner)
  end
end
local mine = entry(node)
local intact = alive(node) and not mine['robbed'] and mine['told'] and seen == table_id .. '.' .. mine['told']
local told = intact and mine['told'] or string.format('%.0f', redis.call('HINCRBY', KEYS[3], 'told', 1))
redis.call('HSET', KEYS[1], node, cjson.encode({ record = record, ['until'] = now + ttl, robbed = false, told = told }))
local living = { record }
local expiry = -1
for i = 1, #all, 2 do
  local other = cjson.decode(all[i + 1])
  if all[i] == node then
    -- told above
  elseif other['until'] > now then
    living[#living + 1] = other['record']
    if expiry < 0 or other['until'] - now < expiry then expiry = other['until'] - now end
  elseif other['until'] + ttl * 10 < now then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
local held = {}
if not intact then
  local leases = redis.call('HGETALL', KEYS[2])
  for i = 1, #leases, 2 do
    local at = string.find(leases[i + 1], ' ', 1, true)
    if string.sub(leases[i + 1], at + 1) == node then
      held[#held + 1] = leases[i]
      held[#held + 1] = string.sub(leases[i + 1], 1, at - 1)
    end
  end
end
return { intact and 0 or 1, table_id .. '.' .. told, quiet_ms(), expiry, living, held }
`;

/**
 * ARGV  node, then keys
 * returns  key and epoch of each lease that is this node's now; keys that a living node holds are left out. Nothing is given to a
 * node whose own heartbeat has run out, nor while it is quiet.
 */
export const ACQUIRE_LEASES = `${PRELUDE}
local node = ARGV[1]
local got = {}
if not may_get(node) then return got end
for i = 2, #ARGV do
  local key = ARGV[i]
  local owner, epoch = holder(key)
  if owner ~= node and not (owner and alive(owner)) then
    epoch = give(key, node)
    owner = node
  end
  if owner == node then
    got[#got + 1] = key
    got[#got + 1] = epoch
  end
end
return got
`;

/** ARGV  node, key. returns  epoch, or nil as above. Whoever held the key before is marked as robbed. */
export const SEIZE_LEASE = `${PRELUDE}
if not may_get(ARGV[1]) then return nil end
local owner, epoch = holder(ARGV[2])
if owner == ARGV[1] then return epoch end
return give(ARGV[2], ARGV[1])
`;

/** ARGV  node, then key and epoch of each lease to give back. Those that are not this node's any more are left alone. */
export const RELEASE_LEASES = `${PRELUDE}
for i = 2, #ARGV, 2 do
  local owner, epoch = holder(ARGV[i])
  if owner == ARGV[1] and epoch == ARGV[i + 1] then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
return 1
`;

/** returns  key, epoch and node of each valid lease. */
export const ALL_LEASES = `${PRELUDE}
local valid = {}
local leases = redis.call('HGETALL', KEYS[2])
for i = 1, #leases, 2 do
  local owner, epoch = holder(leases[i])
  if alive(owner) then
    valid[#valid + 1] = leases[i]
    valid[#valid + 1] = epoch
    valid[#valid + 1] = owner
  end
end
return valid
`;

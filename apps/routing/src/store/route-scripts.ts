import { RedisScript } from '@nexus/platform/redis';

/*
 * Every change of the routes is one script, so that what must agree (an agent's row, the indices, when it is due, the
 * table's version) changes at once. All take the same keys (see `RouteKeys`) and, first among the arguments, the root
 * of the keys that are built here and the terms of silence (see `SilenceTerms`) as JSON. A script finds `no_table` when Redis was wiped: nothing but what was held in memory
 * is then written before the table has been restored, or an agent's first heartbeat would find itself unknown.
 *
 *   table    hash    epoch, version, run (the Redis process that the epoch belongs to), shutUntil (while it is restored)
 *   ids      sorted set, all scores 0: the agents in order of their ids
 *   due      sorted set, scored by the instant (Redis' clock, ms) at which silence has consequences
 *   pulse    hash    agent → instant of its last sign of life, and mean and variance of the times between them
 *   load     hash    agent → its last load, JSON
 *   row:<id> hash    route (JSON), tokenHash, liveness, epoch and version of its last change
 *   group:<g>, capability:<c>   sets of agents: for whoever looks into Redis (`SMEMBERS`); we resolve from memory
 */
const preludeWhen = (refusal: string) => `
local tableKey, idsKey, dueKey, pulseKey, loadKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local root = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local epoch, shutUntil = unpack(redis.call('HMGET', tableKey, 'epoch', 'shutUntil'))
if ${refusal} then return {'no_table'} end
local terms = cjson.decode(ARGV[2])

local function rowKey(id) return root .. 'row:' .. id end
local function nextVersion() return redis.call('HINCRBY', tableKey, 'version', 1) end
local function label(verb, id, route)
  local labels = cjson.decode(route)
  for _, group in ipairs(labels.groups) do redis.call(verb, root .. 'group:' .. group, id) end
  for _, capability in ipairs(labels.capabilities) do
    redis.call(verb, root .. 'capability:' .. capability, id)
  end
end
local function pulseOf(stored)
  if not stored then return nil, terms.meanMs, terms.variance, terms.weight end
  return struct.unpack('>dddd', stored)
end
local function packed(mean, variance, weight) return struct.pack('>dddd', now, mean, variance, weight) end
local function dueAt(mean, variance)
  local silenceMs = mean + terms.deviations * math.max(math.sqrt(variance), terms.deviationMsMin)
  return now + math.ceil(math.min(math.max(silenceMs, terms.silenceMsMin), terms.ttlMs))
end
local function goneAt(id, suspectedAt)
  local seen = pulseOf(redis.call('HGET', pulseKey, id)) or now
  return math.max(suspectedAt + terms.graceMs, seen + terms.ttlMs)
end
local function write(id, route, tokenHash)
  local old = redis.call('HGET', rowKey(id), 'route')
  if old then label('SREM', id, old) end
  local version = nextVersion()
  redis.call('HSET', rowKey(id), 'route', route, 'tokenHash', tokenHash, 'liveness', 'alive',
    'epoch', epoch, 'version', version)
  label('SADD', id, route)
  redis.call('ZADD', idsKey, 0, id)
  redis.call('ZADD', dueKey, dueAt(terms.meanMs, terms.variance), id)
  redis.call('HSET', pulseKey, id, packed(terms.meanMs, terms.variance, terms.weight))
  return version
end
local function setLiveness(id, liveness)
  local version = nextVersion()
  redis.call('HSET', rowKey(id), 'liveness', liveness, 'epoch', epoch, 'version', version)
  return version
end
local function remove(id, route)
  label('SREM', id, route)
  redis.call('DEL', rowKey(id))
  redis.call('ZREM', idsKey, id)
  redis.call('ZREM', dueKey, id)
  redis.call('HDEL', pulseKey, id)
  redis.call('HDEL', loadKey, id)
  return nextVersion()
end
`;
const prelude = preludeWhen('not epoch or (shutUntil and now < tonumber(shutUntil))');

/** A replica that dies while it restores must not keep the table shut. */
const shutMsMax = 5_000;

/**
 * Where the table stands. A new epoch begins when there is no table, when another Redis process serves it (it may have
 * lost its last second), or when it stands behind what its reader has seen already. It begins shut.
 * ARGV: root, terms, epoch seen, version seen, name of a new epoch. No prelude: it makes the table.
 */
export const positionScript = new RedisScript(`
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'version', 'shutUntil')
local version = tonumber(stored[3] or '0')
local wentBack = stored[1] == ARGV[3] and version < tonumber(ARGV[4])
if stored[1] and stored[2] == run and not wentBack then
  local shut = stored[4] and now < tonumber(stored[4])
  return {stored[1], version, shut and 'shut' or 'open'}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[5], 'run', run, 'version', version,
  'shutUntil', string.format('%.0f', now + ${shutMsMax}))
return {ARGV[5], version, 'made'}
`);

/** Lets changes in once the table is restored. ARGV: root, terms, the epoch that was. */
export const openScript = new RedisScript(`
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[3] then redis.call('HDEL', KEYS[1], 'shutUntil') end
return 'opened'
`);

/**
 * A registration begins a life, of whose rhythm nothing is known. ARGV: root, terms, id, route, token's hash.
 */
export const registerScript = new RedisScript(`${prelude}
local id, route, tokenHash = ARGV[3], ARGV[4], ARGV[5]
local before = redis.call('HMGET', rowKey(id), 'tokenHash', 'liveness')
if before[1] and before[1] ~= tokenHash then
  local freeAt = tonumber(redis.call('ZSCORE', dueKey, id)) or now
  if before[2] == 'alive' then freeAt = goneAt(id, freeAt) end
  return {'taken', math.max(0, freeAt - now)}
end
redis.call('HDEL', loadKey, id)
local version = write(id, route, tokenHash)
return {'registered', before[2] or 'absent', epoch, version, route, tokenHash}
`);

/**
 * What an agent's silence means follows from how it used to beat: mean and variance of the intervals, the latest
 * weighing most (West 1979). Read and written for all of a batch at once; an agent may be in it twice.
 * ARGV: root, terms, then for each sign of life: id, token's hash, load. Answers with the place of each of which there
 * is more to say than that it is alive.
 */
export const heartbeatScript = new RedisScript(`${prelude}
local ids, pulses, news = {}, {}, {}
local newDues, newPulses, newLoads = {}, {}, {}
for at = 3, #ARGV, 3 do ids[#ids + 1] = ARGV[at] end
for at, pulse in ipairs(redis.call('HMGET', pulseKey, unpack(ids))) do pulses[ids[at]] = pulse end
local function note(list, first, second)
  list[#list + 1] = first
  list[#list + 1] = second
end
local function feel(id)
  local seen, mean, variance, weight = pulseOf(pulses[id])
  if seen then
    local intervalMs = math.min(math.max(now - seen, 0), terms.ttlMs)
    weight = math.min(weight + 1, terms.weightMax)
    local share, distance = 1 / weight, intervalMs - mean
    mean = mean + share * distance
    variance = (1 - share) * (variance + share * distance * distance)
  end
  pulses[id] = packed(mean, variance, weight)
  note(newPulses, id, pulses[id])
  note(newDues, string.format('%.0f', dueAt(mean, variance)), id)
end
local function hear(id, tokenHash, load)
  local row = redis.call('HMGET', rowKey(id), 'tokenHash', 'liveness')
  if not row[1] then return 'unknown' end
  if row[1] ~= tokenHash then return 'wrong_token' end
  feel(id)
  note(newLoads, id, load)
  if row[2] == 'alive' then return end
  return 'recovered', setLiveness(id, 'alive'), redis.call('HGET', rowKey(id), 'route'), tokenHash
end
for at, id in ipairs(ids) do
  local kind, version, route, hash = hear(id, ARGV[3 * at + 1], ARGV[3 * at + 2])
  if kind then table.insert(news, {at - 1, kind, version, route, hash}) end
end
if #newDues > 0 then
  redis.call('ZADD', dueKey, unpack(newDues))
  redis.call('HSET', pulseKey, unpack(newPulses))
  redis.call('HSET', loadKey, unpack(newLoads))
end
return {'heard', epoch, news}
`);

/** ARGV: root, terms, id, token's hash. */
export const deregisterScript = new RedisScript(`${prelude}
local row = redis.call('HMGET', rowKey(ARGV[3]), 'tokenHash', 'route')
if not row[1] then return {'unknown'} end
if row[1] ~= ARGV[4] then return {'wrong_token'} end
return {'left', epoch, remove(ARGV[3], row[2])}
`);

/** Judges the agents that are due, the longest due first. ARGV: root, terms, how many at most. */
export const sweepScript = new RedisScript(`${prelude}
local verdicts = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', dueKey, '-inf', now, 'LIMIT', 0, tonumber(ARGV[3]))) do
  local row = redis.call('HMGET', rowKey(id), 'liveness', 'route', 'tokenHash')
  if not row[1] then redis.call('ZREM', dueKey, id)
  elseif row[1] == 'alive' then
    redis.call('ZADD', dueKey, goneAt(id, now), id)
    table.insert(verdicts, {'suspected', id, setLiveness(id, 'suspected'), row[2], row[3]})
  else
    table.insert(verdicts, {'gone', id, remove(id, row[2])})
  end
end
return {'swept', epoch, verdicts}
`);

/**
 * Puts rows back that a reader of the table still held: those that are missing, and those that went back to an older
 * version. ARGV: root, terms, the epoch in which they were held, then for each: id, route, token's hash, version.
 */
export const restoreScript = new RedisScript(`${preludeWhen('not epoch')}
local heldEpoch, restored = ARGV[3], {}
for at = 4, #ARGV, 4 do
  local id, route, tokenHash, heldVersion = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local stored = redis.call('HMGET', rowKey(id), 'epoch', 'version')
  if not stored[1] or (stored[1] == heldEpoch and tonumber(stored[2]) < heldVersion) then
    table.insert(restored, {id, write(id, route, tokenHash), route, tokenHash})
  end
end
return {'restored', epoch, restored}
`);

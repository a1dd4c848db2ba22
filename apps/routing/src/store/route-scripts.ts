import { RedisScript } from '@nexus/platform/redis';

/*
 * Every change of the routes is one script, so that what must agree (an agent's row, the indices, when it is due, the
 * table's version) changes at once. All take the same keys (see `RouteKeys`) and, first among the arguments, the root
 * of the keys that are built here. A script finds `no_table` when Redis was wiped: nothing but what was held in memory
 * is then written before the table has been restored, or an agent's first heartbeat would find itself unknown.
 *
 *   table    hash    epoch, version, run (the Redis process that the epoch belongs to), shutUntil (while it is restored)
 *   ids      sorted set, all scores 0: the agents in order of their ids
 *   due      sorted set, scored by the instant (Redis' clock, ms) at which silence has consequences
 *   seen     hash    agent → instant of the last sign of life
 *   load     hash    agent → its last load, JSON
 *   row:<id> hash    route (JSON), tokenHash, liveness, epoch and version of its last change
 *   group:<g>, capability:<c>   sets of agents: for whoever looks into Redis (`SMEMBERS`); we resolve from memory
 */
const preludeWhen = (refusal: string) => `
local tableKey, idsKey, dueKey, seenKey, loadKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local root = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local epoch, shutUntil = unpack(redis.call('HMGET', tableKey, 'epoch', 'shutUntil'))
if ${refusal} then return {'no_table'} end

local function rowKey(id) return root .. 'row:' .. id end
local function nextVersion() return redis.call('HINCRBY', tableKey, 'version', 1) end
local function label(verb, id, route)
  local labels = cjson.decode(route)
  for _, group in ipairs(labels.groups) do redis.call(verb, root .. 'group:' .. group, id) end
  for _, capability in ipairs(labels.capabilities) do
    redis.call(verb, root .. 'capability:' .. capability, id)
  end
end
local function write(id, route, tokenHash, ttlMs)
  local old = redis.call('HGET', rowKey(id), 'route')
  if old then label('SREM', id, old) end
  local version = nextVersion()
  redis.call('HSET', rowKey(id), 'route', route, 'tokenHash', tokenHash, 'liveness', 'alive',
    'epoch', epoch, 'version', version)
  label('SADD', id, route)
  redis.call('ZADD', idsKey, 0, id)
  redis.call('ZADD', dueKey, now + ttlMs, id)
  redis.call('HSET', seenKey, id, string.format('%.0f', now))
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
  redis.call('HDEL', seenKey, id)
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
 * ARGV: root, epoch seen, version seen, name of a new epoch. No prelude: it makes the table.
 */
export const positionScript = new RedisScript(`
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local stored = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'version', 'shutUntil')
local version = tonumber(stored[3] or '0')
local wentBack = stored[1] == ARGV[2] and version < tonumber(ARGV[3])
if stored[1] and stored[2] == run and not wentBack then
  local shut = stored[4] and now < tonumber(stored[4])
  return {stored[1], version, shut and 'shut' or 'open'}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[4], 'run', run, 'version', version,
  'shutUntil', string.format('%.0f', now + ${shutMsMax}))
return {ARGV[4], version, 'made'}
`);

/** Lets changes in once the table is restored. ARGV: root, the epoch that was. */
export const openScript = new RedisScript(`
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[2] then redis.call('HDEL', KEYS[1], 'shutUntil') end
return 'opened'
`);

/** ARGV: root, id, route, token's hash, ttlMs, graceMs. */
export const registerScript = new RedisScript(`${prelude}
local id, route, tokenHash = ARGV[2], ARGV[3], ARGV[4]
local ttlMs, graceMs = tonumber(ARGV[5]), tonumber(ARGV[6])
local before = redis.call('HMGET', rowKey(id), 'tokenHash', 'liveness')
if before[1] and before[1] ~= tokenHash then
  local freeInMs = (tonumber(redis.call('ZSCORE', dueKey, id)) or now) - now
  if before[2] == 'alive' then freeInMs = freeInMs + graceMs end
  return {'taken', math.max(0, freeInMs)}
end
redis.call('HDEL', loadKey, id)
local version = write(id, route, tokenHash, ttlMs)
return {'registered', before[2] or 'absent', epoch, version, route, tokenHash}
`);

/** ARGV: root, ttlMs, then for each sign of life: id, token's hash, load. */
export const heartbeatScript = new RedisScript(`${prelude}
local ttlMs, answers = tonumber(ARGV[2]), {}
local function hear(id, tokenHash, load)
  local row = redis.call('HMGET', rowKey(id), 'tokenHash', 'liveness')
  if not row[1] then return {'unknown'} end
  if row[1] ~= tokenHash then return {'wrong_token'} end
  redis.call('ZADD', dueKey, now + ttlMs, id)
  redis.call('HSET', seenKey, id, string.format('%.0f', now))
  redis.call('HSET', loadKey, id, load)
  if row[2] == 'alive' then return {'alive'} end
  return {'recovered', setLiveness(id, 'alive'), redis.call('HGET', rowKey(id), 'route'), tokenHash}
end
for at = 3, #ARGV, 3 do table.insert(answers, hear(ARGV[at], ARGV[at + 1], ARGV[at + 2])) end
return {'heard', epoch, answers}
`);

/** ARGV: root, id, token's hash. */
export const deregisterScript = new RedisScript(`${prelude}
local row = redis.call('HMGET', rowKey(ARGV[2]), 'tokenHash', 'route')
if not row[1] then return {'unknown'} end
if row[1] ~= ARGV[3] then return {'wrong_token'} end
return {'left', epoch, remove(ARGV[2], row[2])}
`);

/** Judges the agents that are due, the longest silent first. ARGV: root, how many at most, graceMs. */
export const sweepScript = new RedisScript(`${prelude}
local graceMs, verdicts = tonumber(ARGV[3]), {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', dueKey, '-inf', now, 'LIMIT', 0, tonumber(ARGV[2]))) do
  local row = redis.call('HMGET', rowKey(id), 'liveness', 'route', 'tokenHash')
  if not row[1] then redis.call('ZREM', dueKey, id)
  elseif row[1] == 'alive' then
    redis.call('ZADD', dueKey, now + graceMs, id)
    table.insert(verdicts, {'suspected', id, setLiveness(id, 'suspected'), row[2], row[3]})
  else
    table.insert(verdicts, {'gone', id, remove(id, row[2])})
  end
end
return {'swept', epoch, verdicts}
`);

/**
 * Puts rows back that a reader of the table still held: those that are missing, and those that went back to an older
 * version. ARGV: root, the epoch in which they were held, ttlMs, then for each: id, route, token's hash, version.
 */
export const restoreScript = new RedisScript(`${preludeWhen('not epoch')}
local heldEpoch, ttlMs, restored = ARGV[2], tonumber(ARGV[3]), {}
for at = 4, #ARGV, 4 do
  local id, route, tokenHash, heldVersion = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local stored = redis.call('HMGET', rowKey(id), 'epoch', 'version')
  if not stored[1] or (stored[1] == heldEpoch and tonumber(stored[2]) < heldVersion) then
    table.insert(restored, {id, write(id, route, tokenHash, ttlMs), route, tokenHash})
  end
end
return {'restored', epoch, restored}
`);

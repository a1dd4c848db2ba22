import { RedisScript } from '@nexus/platform/redis';

/*
 * Every change of the routes is one script, so that what must agree (an agent's row, the indices, when it is due, the
 * table's version) changes at once. All take the same keys (see `RouteKeys`) and, first among the arguments, the root
 * of the keys that are built here and the terms of silence (see `SilenceTerms`) as JSON. A script finds `no_table` when
 * Redis was wiped: nothing but what was held in memory is then written before the table has been restored, or an
 * agent's first heartbeat would find itself unknown.
 *
 *   table    hash    epoch, version, run (the Redis process that the epoch belongs to), shutUntil (while it is restored)
 *   ids      sorted set, all scores 0: the agents in order of their ids
 *   due      sorted set, scored by the instant (Redis' clock, ms) at which silence has consequences
 *   pulse    hash    instant of the last sign of life, and mean and variance of the times between them
 *   load     hash    the last load, JSON
 *   hosts    hash    host → hash of the token of all its agents
 *   row:<id> hash    route (JSON), liveness, epoch and version of its last change, tokenHash or, of a hosted one, host
 *   host:<h> sorted set: the agents of a host; score 0 those that are alive, 1 those that are suspected
 *   group:<g>, capability:<c>   sets of agents: for whoever looks into Redis (`SMEMBERS`); we resolve from memory
 *
 * In `due`, `pulse` and `load` an agent stands by its id. Those of a host stand there together, as `@<host>`: they are
 * one process, and live and die as one.
 */
const openingWhen = (refusal: string) => `
local tableKey, idsKey, dueKey, pulseKey, loadKey, hostsKey = unpack(KEYS)
local root = ARGV[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local epoch, shutUntil = unpack(redis.call('HMGET', tableKey, 'epoch', 'shutUntil'))
if ${refusal} then return {'no_table'} end
local terms = cjson.decode(ARGV[2])
`;

/** What the scripts have in common. */
const rows = `
local function rowKey(id) return root .. 'row:' .. id end
local function hostKey(host) return root .. 'host:' .. host end
local function lifeOf(id, host) return host and '@' .. host or id end
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
local function goneAt(life, suspectedAt)
  local seen = pulseOf(redis.call('HGET', pulseKey, life)) or now
  return math.max(suspectedAt + terms.graceMs, seen + terms.ttlMs)
end
local function read(id)
  local row = redis.call('HMGET', rowKey(id), 'route', 'liveness', 'tokenHash', 'host')
  if not row[1] then return nil end
  local host = row[4] or nil
  return {
    route = row[1], liveness = row[2], host = host, life = lifeOf(id, host),
    tokenHash = row[3] or redis.call('HGET', hostsKey, host),
  }
end
local function forget(life)
  redis.call('ZREM', dueKey, life)
  redis.call('HDEL', pulseKey, life)
  redis.call('HDEL', loadKey, life)
end
local function detach(id, row)
  if not row.host then return forget(id) end
  redis.call('ZREM', hostKey(row.host), id)
  if redis.call('EXISTS', hostKey(row.host)) == 1 then return end
  redis.call('HDEL', hostsKey, row.host)
  forget(row.life)
end
-- A registration is a sign of life. Of the rhythm of a new life nothing is known; that of a host goes on.
local function begin(life)
  local known = string.sub(life, 1, 1) == '@' and redis.call('HGET', pulseKey, life)
  local _, mean, variance, weight = pulseOf(known)
  redis.call('HSET', pulseKey, life, packed(mean, variance, weight))
  redis.call('ZADD', dueKey, dueAt(mean, variance), life)
end
local function write(id, route, tokenHash, host, old)
  local version = nextVersion()
  if old then
    label('SREM', id, old.route)
    if old.host ~= host then detach(id, old) end
  end
  local belongs = host and {'host', host} or {'tokenHash', tokenHash}
  if old and old.host ~= host then redis.call('HDEL', rowKey(id), 'tokenHash', 'host') end
  redis.call('HSET', rowKey(id), 'route', route, 'liveness', 'alive', 'epoch', epoch, 'version', version,
    unpack(belongs))
  label('SADD', id, route)
  redis.call('ZADD', idsKey, 0, id)
  if host then
    redis.call('HSET', hostsKey, host, tokenHash)
    redis.call('ZADD', hostKey(host), 0, id)
  end
  return version
end
local function setLiveness(id, liveness, host)
  local version = nextVersion()
  redis.call('HSET', rowKey(id), 'liveness', liveness, 'epoch', epoch, 'version', version)
  if host then redis.call('ZADD', hostKey(host), liveness == 'alive' and 0 or 1, id) end
  return version
end
local function remove(id, row)
  label('SREM', id, row.route)
  redis.call('DEL', rowKey(id))
  redis.call('ZREM', idsKey, id)
  detach(id, row)
  return nextVersion()
end
`;
const prelude = `${openingWhen('not epoch or (shutUntil and now < tonumber(shutUntil))')}${rows}`;

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
 * ARGV: root, terms, host ('' for an agent of its own), token's hash, most agents of a host, then for each agent: id,
 * route. Says of each what it was before, and its version; one that comes again with the same route is left as it is.
 */
export const registerScript = new RedisScript(`${prelude}
local host, tokenHash, agentsMax, outcomes = ARGV[3], ARGV[4], tonumber(ARGV[5]), {}
if host == '' then host = nil end
local function freeIn(life, liveness)
  local freeAt = tonumber(redis.call('ZSCORE', dueKey, life)) or now
  if liveness == 'alive' then freeAt = goneAt(life, freeAt) end
  return math.max(0, freeAt - now)
end
local function said(route) return string.match(route, '^(.*),"registeredAt"') end
local function register(id, route)
  local old = read(id)
  if old and old.tokenHash ~= tokenHash then return {'taken', freeIn(old.life, old.liveness)} end
  if not host then redis.call('HDEL', loadKey, id)
  elseif old and old.host == host and old.liveness == 'alive' and said(old.route) == said(route) then
    return {'known'}
  elseif not (old and old.host == host) and redis.call('ZCARD', hostKey(host)) >= agentsMax then
    return {'full'}
  end
  local version = write(id, route, tokenHash, host, old)
  return {'registered', old and old.liveness or 'absent', version}
end
local heldBy = host and redis.call('HGET', hostsKey, host)
if heldBy and heldBy ~= tokenHash then
  return {'host_taken', freeIn('@' .. host, redis.call('ZCOUNT', hostKey(host), 0, 0) > 0 and 'alive')}
end
for at = 6, #ARGV, 2 do outcomes[#outcomes + 1] = register(ARGV[at], ARGV[at + 1]) end
if not host then
  if outcomes[1][1] == 'registered' then begin(ARGV[6]) end
elseif redis.call('EXISTS', hostKey(host)) == 1 then begin('@' .. host) end
return {'registered', epoch, outcomes}
`);

/**
 * What an agent's silence means follows from how it used to beat: mean and variance of the intervals, the latest
 * weighing most (West 1979). Of a batch, all pulses are read and written at once.
 */
const rhythm = `
local newDues, newPulses = {}, {}
local function note(list, first, second)
  list[#list + 1] = first
  list[#list + 1] = second
end
local function feel(life, stored)
  local seen, mean, variance, weight = pulseOf(stored)
  if seen then
    local intervalMs = math.min(math.max(now - seen, 0), terms.ttlMs)
    weight = math.min(weight + 1, terms.weightMax)
    local share, distance = 1 / weight, intervalMs - mean
    mean = mean + share * distance
    variance = (1 - share) * (variance + share * distance * distance)
  end
  local pulse = packed(mean, variance, weight)
  note(newPulses, life, pulse)
  note(newDues, string.format('%.0f', dueAt(mean, variance)), life)
  return pulse
end
local function noteRhythm()
  if #newDues == 0 then return end
  redis.call('ZADD', dueKey, unpack(newDues))
  redis.call('HSET', pulseKey, unpack(newPulses))
end
`;

/**
 * ARGV: root, terms, then for each sign of life: id, token's hash, load; an agent may be in it twice. Answers with the
 * place of each of which there is more to say than that it is alive.
 */
export const heartbeatScript = new RedisScript(`${prelude}${rhythm}
local ids, pulses, news, newLoads = {}, {}, {}, {}
for at = 3, #ARGV, 3 do ids[#ids + 1] = ARGV[at] end
for at, pulse in ipairs(redis.call('HMGET', pulseKey, unpack(ids))) do pulses[ids[at]] = pulse end
local function hear(id, tokenHash, load)
  local row = read(id)
  if not row then return 'unknown' end
  if row.tokenHash ~= tokenHash then return 'wrong_token' end
  if row.host then pulses[row.life] = pulses[row.life] or redis.call('HGET', pulseKey, row.life) end
  pulses[row.life] = feel(row.life, pulses[row.life])
  note(newLoads, id, load)
  if row.liveness == 'alive' then return end
  return 'recovered', setLiveness(id, 'alive', row.host), row.route, tokenHash
end
for at, id in ipairs(ids) do
  local kind, version, route, hash = hear(id, ARGV[3 * at + 1], ARGV[3 * at + 2])
  if kind then table.insert(news, {at - 1, kind, version, route, hash}) end
end
noteRhythm()
if #newLoads > 0 then redis.call('HSET', loadKey, unpack(newLoads)) end
return {'heard', epoch, news}
`);

/**
 * One sign of life for all agents of a host. ARGV: root, terms, host, token's hash, load, how many may recover by it at
 * most: for the others it has to be said again. Answers with how many agents the host has.
 */
export const hostHeartbeatScript = new RedisScript(`${prelude}${rhythm}
local host, tokenHash = ARGV[3], ARGV[4]
local heldBy, life, recovered = redis.call('HGET', hostsKey, host), '@' .. host, {}
if not heldBy then return {'unknown'} end
if heldBy ~= tokenHash then return {'wrong_token'} end
feel(life, redis.call('HGET', pulseKey, life))
noteRhythm()
redis.call('HSET', loadKey, life, ARGV[5])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', hostKey(host), 1, 1, 'LIMIT', 0, tonumber(ARGV[6]))) do
  local route = redis.call('HGET', rowKey(id), 'route')
  table.insert(recovered, {setLiveness(id, 'alive', host), route, tokenHash})
end
return {'heard', epoch, redis.call('ZCARD', hostKey(host)), recovered}
`);

/** ARGV: root, terms, id, token's hash. */
export const deregisterScript = new RedisScript(`${prelude}
local row = read(ARGV[3])
if not row then return {'unknown'} end
if row.tokenHash ~= ARGV[4] then return {'wrong_token'} end
return {'left', epoch, remove(ARGV[3], row)}
`);

/**
 * Agents of a host leave: those that are named, as far as they are its own, or the first ones. ARGV: root, terms, host,
 * token's hash, how many at most when none is named, ids.
 */
export const hostDeregisterScript = new RedisScript(`${prelude}
local host, left = ARGV[3], {}
local heldBy = redis.call('HGET', hostsKey, host)
if not heldBy then return {'unknown'} end
if heldBy ~= ARGV[4] then return {'wrong_token'} end
local ids = { unpack(ARGV, 6) }
if #ids == 0 then ids = redis.call('ZRANGE', hostKey(host), 0, tonumber(ARGV[5]) - 1) end
for _, id in ipairs(ids) do
  local row = read(id)
  if row and row.host == host then table.insert(left, {id, remove(id, row)}) end
end
return {'left', epoch, left}
`);

/** Judges the agents that are due, the longest due first. ARGV: root, terms, how many at most. */
export const sweepScript = new RedisScript(`${prelude}
local verdicts, most = {}, tonumber(ARGV[3])
local function suspect(id, row)
  table.insert(verdicts, {'suspected', id, setLiveness(id, 'suspected', row.host), row.route, row.tokenHash})
end
local function judgeAgent(id)
  local row = read(id)
  if not row then redis.call('ZREM', dueKey, id)
  elseif row.liveness == 'alive' then
    redis.call('ZADD', dueKey, goneAt(id, now), id)
    suspect(id, row)
  else
    table.insert(verdicts, {'gone', id, remove(id, row)})
  end
end
local function judgeHost(host, life)
  local room = most - #verdicts
  local alive = redis.call('ZRANGEBYSCORE', hostKey(host), 0, 0, 'LIMIT', 0, room)
  for _, id in ipairs(alive) do suspect(id, read(id)) end
  if #alive > 0 then
    -- While there is no room for all of them, the host stays due.
    local rest = redis.call('ZCOUNT', hostKey(host), 0, 0)
    if rest == 0 then redis.call('ZADD', dueKey, goneAt(life, now), life) end
    return
  end
  local gone = redis.call('ZRANGE', hostKey(host), 0, room - 1)
  if #gone == 0 then forget(life) end
  for _, id in ipairs(gone) do table.insert(verdicts, {'gone', id, remove(id, read(id))}) end
end
for _, life in ipairs(redis.call('ZRANGEBYSCORE', dueKey, '-inf', now, 'LIMIT', 0, most)) do
  if #verdicts >= most then break end
  if string.sub(life, 1, 1) == '@' then judgeHost(string.sub(life, 2), life) else judgeAgent(life) end
end
return {'swept', epoch, verdicts}
`);

/**
 * Puts rows back that a reader of the table still held: those that are missing, and those that went back to an older
 * version. ARGV: root, terms, the epoch in which they were held, then for each: id, route, token's hash, host or '',
 * version.
 */
export const restoreScript = new RedisScript(`${openingWhen('not epoch')}${rows}
local heldEpoch, restored = ARGV[3], {}
for at = 4, #ARGV, 5 do
  local id, route, tokenHash, heldVersion = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 4])
  local host = ARGV[at + 3] ~= '' and ARGV[at + 3] or nil
  local stored = redis.call('HMGET', rowKey(id), 'epoch', 'version')
  if not stored[1] or (stored[1] == heldEpoch and tonumber(stored[2]) < heldVersion) then
    local version = write(id, route, tokenHash, host, read(id))
    begin(lifeOf(id, host))
    table.insert(restored, {id, version, route, tokenHash})
  end
end
return {'restored', epoch, restored}
`);

import { RedisScript } from '@nexus/platform/redis';

/**
 * Everything in use, of one moment: KEYS state, then the versions of each type; ARGV the name of a new epoch, then the types.
 * Answers with the fields of the state, the model in use of each type or an empty text, and the time of Redis.
 */
export const readInUse = new RedisScript(`
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
local models = {}
for at = 2, #ARGV do
  local version = redis.call('HGET', KEYS[1], 'champion_' .. ARGV[at])
  models[at - 1] = version and redis.call('HGET', KEYS[at], version) or ''
end
return {redis.call('HGETALL', KEYS[1]), models, redis.call('TIME')}
`);

/**
 * Enters what was trained, once, and goes back where it must: KEYS state, versions; ARGV type, up to which outcome, its
 * version, the version in use (or empty), the new record, 1 to put it in use, the record of the one in use as it is from now
 * on (or empty), most versions, the drift that was learned from (or empty), the rollback that was heeded (or empty), the
 * version to go back to (or empty), its record.
 */
export const commitModel = new RedisScript(`
local type = ARGV[1]
if redis.call('HGET', KEYS[1], 'trained_' .. type) == ARGV[2] then return {'known', 0} end
local last = tonumber(redis.call('HGET', KEYS[1], 'version_' .. type) or '0')
local inUse = redis.call('HGET', KEYS[1], 'champion_' .. type) or ''
local rolledBack = redis.call('HGET', KEYS[1], 'rolled_back_' .. type) or ''
if last + 1 ~= tonumber(ARGV[3]) or inUse ~= ARGV[4] or rolledBack ~= ARGV[10] then return {'conflict', 0} end
if ARGV[11] ~= '' and redis.call('HEXISTS', KEYS[2], ARGV[11]) == 0 then return {'conflict', 0} end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
if inUse ~= '' and ARGV[7] ~= '' then redis.call('HSET', KEYS[2], inUse, ARGV[7]) end
redis.call('HSET', KEYS[1], 'version_' .. type, ARGV[3], 'trained_' .. type, ARGV[2])
if ARGV[9] ~= '' and redis.call('HGET', KEYS[1], 'drifted_' .. type) == ARGV[9] then
  redis.call('HDEL', KEYS[1], 'drifted_' .. type)
  redis.call('HSET', KEYS[1], 'learned_from_' .. type, ARGV[9])
end
if ARGV[6] == '1' then inUse = ARGV[3] end
if ARGV[11] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[11], ARGV[12])
  inUse = ARGV[11]
end
if inUse ~= '' then redis.call('HSET', KEYS[1], 'champion_' .. type, inUse) end
for _, version in ipairs(redis.call('HKEYS', KEYS[2])) do
  if tonumber(version) <= tonumber(ARGV[3]) - tonumber(ARGV[8]) and version ~= inUse then
    redis.call('HDEL', KEYS[2], version)
  end
end
return {'committed', redis.call('HINCRBY', KEYS[1], 'revision', 1)}
`);

/**
 * Puts another version in use, by hand, and notes when: KEYS state, versions; ARGV type, the version in use (or empty), its
 * record from now on, the other version (or empty), its record from now on.
 */
export const switchModel = new RedisScript(`
local inUse = redis.call('HGET', KEYS[1], 'champion_' .. ARGV[1]) or ''
if inUse ~= ARGV[2] then return {'conflict', 0} end
if inUse ~= '' then redis.call('HSET', KEYS[2], inUse, ARGV[3]) end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[1], 'champion_' .. ARGV[1])
else
  redis.call('HSET', KEYS[2], ARGV[4], ARGV[5])
  redis.call('HSET', KEYS[1], 'champion_' .. ARGV[1], ARGV[4])
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'rolled_back_' .. ARGV[1],
  string.format('%d%03d-%d', time[1], math.floor(time[2] / 1000), time[2] % 1000))
return {'committed', redis.call('HINCRBY', KEYS[1], 'revision', 1)}
`);

/** Notes when a type was seen to drift, as an id of the history: KEYS state; ARGV type. */
export const noteDrift = new RedisScript(`
local time = redis.call('TIME')
return redis.call('HSET', KEYS[1], 'drifted_' .. ARGV[1],
  string.format('%d%03d-%d', time[1], math.floor(time[2] / 1000), time[2] % 1000))
`);

/**
 * Replaces one field if it is still as it was read: KEYS state; ARGV field, what was read (or empty), what is to be, 1 when
 * coordinators must hear of it.
 */
export const replaceField = new RedisScript(`
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return {'conflict', 0} end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] == '1' then return {'committed', redis.call('HINCRBY', KEYS[1], 'revision', 1)} end
return {'committed', tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')}
`);

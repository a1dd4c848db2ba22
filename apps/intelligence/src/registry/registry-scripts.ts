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
 * Enters what was trained, once: KEYS state, versions; ARGV type, up to which outcome, its version, the version in use (or
 * empty), the new record, 1 to put it in use, the record of the one in use as it is from now on (or empty), most versions.
 */
export const commitModel = new RedisScript(`
local type = ARGV[1]
if redis.call('HGET', KEYS[1], 'trained_' .. type) == ARGV[2] then return {'known', 0} end
local last = tonumber(redis.call('HGET', KEYS[1], 'version_' .. type) or '0')
local inUse = redis.call('HGET', KEYS[1], 'champion_' .. type) or ''
if last + 1 ~= tonumber(ARGV[3]) or inUse ~= ARGV[4] then return {'conflict', 0} end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
if inUse ~= '' and ARGV[7] ~= '' then redis.call('HSET', KEYS[2], inUse, ARGV[7]) end
redis.call('HSET', KEYS[1], 'version_' .. type, ARGV[3], 'trained_' .. type, ARGV[2])
redis.call('HDEL', KEYS[1], 'drifted_' .. type)
if ARGV[6] == '1' then
  redis.call('HSET', KEYS[1], 'champion_' .. type, ARGV[3])
  inUse = ARGV[3]
end
for _, version in ipairs(redis.call('HKEYS', KEYS[2])) do
  if tonumber(version) <= tonumber(ARGV[3]) - tonumber(ARGV[8]) and version ~= inUse then
    redis.call('HDEL', KEYS[2], version)
  end
end
return {'committed', redis.call('HINCRBY', KEYS[1], 'revision', 1)}
`);

/**
 * Puts another version in use: KEYS state, versions; ARGV type, the version in use (or empty), its record from now on, the
 * other version (or empty), its record from now on.
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
return {'committed', redis.call('HINCRBY', KEYS[1], 'revision', 1)}
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

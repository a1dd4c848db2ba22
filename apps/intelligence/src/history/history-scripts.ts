import { RedisScript } from '@nexus/platform/redis';

/**
 * Takes a whole report, or nothing of one that is known: KEYS reports, work, index, counters, and of each type of goal its
 * outcomes, their entries by user, and how many each user has; ARGV the name of the report, how many reports are remembered,
 * most outcomes, most samples of work, how many outcomes follow, each as the place of its type, the type, user, id and JSON,
 * and then the samples. Where there are too many outcomes, the type that has most loses one, the first of whichever user has
 * most of them: a flood pushes out its own. Answers with how many were stored and how many were known.
 */
export const appendReport = new RedisScript(`
local time = redis.call('TIME')
local outcomes = tonumber(ARGV[5])
local first = 6 + 5 * outcomes
if redis.call('ZADD', KEYS[1], 'NX', time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1]) == 0 then
  local known = outcomes + #ARGV - first + 1
  redis.call('HINCRBY', KEYS[4], 'duplicates', known)
  return {0, known}
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[2]) - 1)

local function append(stream, type, user, id, json)
  local entry = redis.call('XADD', KEYS[stream], '*', 'c', id, 'o', json)
  redis.call('HSET', KEYS[3], 'c/' .. id, type .. ' ' .. entry)
  redis.call('ZADD', KEYS[stream + 1], 0, user .. '\\0' .. entry)
  redis.call('ZINCRBY', KEYS[stream + 2], 1, user)
end

local function firstOfMost(stream)
  local user = redis.call('ZREVRANGE', KEYS[stream + 2], 0, 0)[1]
  if not user then return nil end
  local from = '[' .. user .. '\\0'
  local member = redis.call('ZRANGEBYLEX', KEYS[stream + 1], from, from .. '\\255', 'LIMIT', 0, 1)[1]
  if not member or tonumber(redis.call('ZINCRBY', KEYS[stream + 2], -1, user)) <= 0 then
    redis.call('ZREM', KEYS[stream + 2], user)
  end
  if not member then return nil end
  redis.call('ZREM', KEYS[stream + 1], member)
  return string.sub(member, #user + 2)
end

local function forget(stream)
  local id = firstOfMost(stream) or '-'
  local entry = redis.call('XRANGE', KEYS[stream], id, id == '-' and '+' or id, 'COUNT', 1)[1]
  if not entry then return end
  redis.call('HDEL', KEYS[3], 'c/' .. entry[2][2])
  redis.call('XDEL', KEYS[stream], entry[1])
end

local stored, known = 0, 0
for at = 6, first - 1, 5 do
  if redis.call('HEXISTS', KEYS[3], 'c/' .. ARGV[at + 3]) == 1 then
    known = known + 1
  else
    append(5 + 3 * ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
    stored = stored + 1
  end
end
for at = first, #ARGV do
  redis.call('XADD', KEYS[2], '*', 'w', ARGV[at])
  stored = stored + 1
end
local lengths, total = {}, 0
for stream = 5, #KEYS, 3 do
  lengths[stream] = redis.call('XLEN', KEYS[stream])
  total = total + lengths[stream]
end
for _ = 1, total - tonumber(ARGV[3]) do
  local longest = 5
  for stream = 8, #KEYS, 3 do
    if lengths[stream] > lengths[longest] then longest = stream end
  end
  forget(longest)
  lengths[longest] = lengths[longest] - 1
end
redis.call('XTRIM', KEYS[2], 'MAXLEN', '=', ARGV[4])
if known > 0 then redis.call('HINCRBY', KEYS[4], 'duplicates', known) end
return {stored, known}
`);

/**
 * Takes what a user tells: KEYS told, index, users, counters; ARGV user, id, JSON, most entries of all, most of one user.
 * The names of users are apart from those of coordinations, so that nobody can tell an outcome that somebody else saw.
 */
export const appendTold = new RedisScript(`
local name = 'u/' .. ARGV[1] .. '/' .. ARGV[2]
if redis.call('HEXISTS', KEYS[2], name) == 1 then
  redis.call('HINCRBY', KEYS[4], 'duplicates', 1)
  return 'duplicate'
end
if tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0') >= tonumber(ARGV[5]) then
  redis.call('HINCRBY', KEYS[4], 'refused', 1)
  return 'over_quota'
end
local excess = redis.call('XLEN', KEYS[1]) + 1 - tonumber(ARGV[4])
if excess > 0 then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', excess)) do
    redis.call('XDEL', KEYS[1], entry[1])
    redis.call('HDEL', KEYS[2], 'u/' .. entry[2][2] .. '/' .. entry[2][4])
    if redis.call('HINCRBY', KEYS[3], entry[2][2], -1) <= 0 then redis.call('HDEL', KEYS[3], entry[2][2]) end
  end
end
local id = redis.call('XADD', KEYS[1], '*', 'u', ARGV[1], 'c', ARGV[2], 'o', ARGV[3])
redis.call('HSET', KEYS[2], name, id)
redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
return 'stored'
`);

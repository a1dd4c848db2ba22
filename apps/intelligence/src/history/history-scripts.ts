import { RedisScript } from '@nexus/platform/redis';

/**
 * Takes a whole report, or nothing of one that is known: KEYS reports, work, index, counters, and the streams
 * of outcomes; ARGV its name, how
 * many reports are remembered, most outcomes, most samples of work, how many outcomes follow, each as the place of its stream, its
 * type, id and JSON, and then the samples. Where there are too many outcomes the longest stream loses its first, so that a
 * flood of one type pushes out its own. Answers with how many were stored and how many were known.
 */
export const appendReport = new RedisScript(`
local time = redis.call('TIME')
local outcomes = tonumber(ARGV[5])
local first = 6 + 4 * outcomes
if redis.call('ZADD', KEYS[1], 'NX', time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1]) == 0 then
  local known = outcomes + #ARGV - first + 1
  redis.call('HINCRBY', KEYS[4], 'duplicates', known)
  return {0, known}
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -tonumber(ARGV[2]) - 1)
local stored, known = 0, 0
for at = 6, first - 1, 4 do
  local name = 'c/' .. ARGV[at + 2]
  if redis.call('HEXISTS', KEYS[3], name) == 1 then
    known = known + 1
  else
    local id = redis.call('XADD', KEYS[5 + ARGV[at]], '*', 'c', ARGV[at + 2], 'o', ARGV[at + 3])
    redis.call('HSET', KEYS[3], name, ARGV[at + 1] .. ' ' .. id)
    stored = stored + 1
  end
end
for at = first, #ARGV do
  redis.call('XADD', KEYS[2], '*', 'w', ARGV[at])
  stored = stored + 1
end
local lengths, total = {}, 0
for at = 5, #KEYS do
  lengths[at] = redis.call('XLEN', KEYS[at])
  total = total + lengths[at]
end
for _ = 1, total - tonumber(ARGV[3]) do
  local longest = 5
  for at = 6, #KEYS do
    if lengths[at] > lengths[longest] then longest = at end
  end
  local entry = redis.call('XRANGE', KEYS[longest], '-', '+', 'COUNT', 1)[1]
  redis.call('HDEL', KEYS[3], 'c/' .. entry[2][2])
  redis.call('XDEL', KEYS[longest], entry[1])
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

export { RedisConnection, type RedisConnectionEvent, type RedisOptions } from './redis-connection.js';
export { RedisKeys } from './redis-keys.js';
export { RedisOutcomeStore } from './redis-outcome-store.js';
export { RedisRoundRobinCounter } from './redis-round-robin-counter.js';
export { RedisScript, type ScriptCall } from './redis-script.js';
export { RedisModule } from './redis.module.js';

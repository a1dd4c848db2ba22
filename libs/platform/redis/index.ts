export { RedisConnection, type RedisConnectionEvent, type RedisOptions } from './redis-connection.js';
export { redisFault } from './redis-fault.js';
export { RedisKeys } from './redis-keys.js';
export {
  type Claim,
  type ClaimRequest,
  type CompleteRequest,
  RedisOutcomeStore,
  type RequestName,
  type StoredOutcome,
} from './redis-outcome-store.js';
export { RedisRoundRobinCounter } from './redis-round-robin-counter.js';
export { RedisScript, type ScriptCall } from './redis-script.js';
export { RedisModule } from './redis.module.js';

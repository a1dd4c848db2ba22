export { InMemoryRoundRobinCounter } from './in-memory-round-robin-counter.js';
export { roundRobin, type RoundRobinCounter } from './round-robin.js';
export { targetSetKey, type TargetSet } from './target-set.js';

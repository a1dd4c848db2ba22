export { InMemoryLog, InMemoryLogStore } from './in-memory-log-store.js';
export { LmdbLogStore, type LmdbLogStoreOptions } from './lmdb-log-store.js';

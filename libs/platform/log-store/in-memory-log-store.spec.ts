import * as jestGlobals from '@jest/globals';
import { describeLogStore } from '@nexus/testing';
import { InMemoryLog, InMemoryLogStore } from './in-memory-log-store.js';

describeLogStore(jestGlobals, 'InMemoryLogStore', () => {
  const log = new InMemoryLog();
  return Promise.resolve({
    open: () => InMemoryLogStore.open(log),
    dispose: () => Promise.resolve(),
  });
});

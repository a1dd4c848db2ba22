import * as jestGlobals from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeLogStore } from '@nexus/testing';
import { LmdbLogStore } from './lmdb-log-store.js';

describeLogStore(jestGlobals, 'LmdbLogStore', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nexus-log-'));
  return {
    open: () => LmdbLogStore.open({ directory }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});

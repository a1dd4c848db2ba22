import { type Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DurableState, type Snapshot } from '@nexus/core/raft';
import { probeSpace } from './file-space.js';
import { bytesAtMost, LmdbFile, lockPath } from './lmdb-file.js';
import { RecordLayout } from './record-layout.js';
import { headKey, sealJson, storeKey } from './record.js';
import { storeFormat, type StoreRecord } from './store-id.js';
import { type StoredHead } from './stored-head.js';
import { ImageChunks, recordOf, type ValueAt, valueOf } from './stored-snapshot.js';

export const logPath = (directory: string): string => join(directory, 'log.mdb');

export const hasLogFile = (directory: string): boolean => existsSync(logPath(directory));

/** For what every file has, and the one that LMDB locks. */
const slackBytes = 256 * 1_024;

/**
 * Writes a whole log to a file of its own, which takes its name when it is complete. So a file under that name that is
 * empty, or lacks a part, was once whole: it is damaged, not new.
 */
export async function writeLogFile(directory: string, storeId: string, state: DurableState): Promise<void> {
  const path = logPath(directory);
  const draft = `${path}.new`;
  const { values, head } = recordsOf(storeId, state);
  await probeSpace(draft, bytesAtMost({ removals: [], values, head }) + slackBytes);
  const file = await LmdbFile.open(draft);
  try {
    file.initialise(values, head);
  } finally {
    await file.close();
  }
  await rename(draft, path);
  for (const lock of [lockPath(path), lockPath(draft)]) await rm(lock, { force: true });
  // The names must survive a power failure as well: that of the file, and that of the directory.
  await flushDirectory(directory);
  await flushDirectory(dirname(directory));
}

function recordsOf(
  storeId: string,
  { hardState, snapshot, entries }: DurableState,
): { readonly values: readonly ValueAt[]; readonly head: Buffer } {
  const store: StoreRecord = { format: storeFormat, storeId };
  const first = entries[0]?.index ?? (snapshot?.index ?? 0) + 1;
  const head: StoredHead = {
    transaction: 1,
    hardState,
    bounds: { first, last: first + entries.length - 1 },
  };
  const values = [
    { key: storeKey, value: sealJson(storeKey, store) },
    ...(snapshot === null ? [] : snapshotValues(snapshot)),
    ...new RecordLayout().append(entries),
  ];
  return { values, head: sealJson(headKey, head) };
}

function snapshotValues(snapshot: Snapshot): ValueAt[] {
  const chunks = new ImageChunks(1, snapshot.image);
  const values = [...chunks.parts()].flat();
  return [...values, valueOf(recordOf(snapshot, chunks.stored))];
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

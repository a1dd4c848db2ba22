import { Buffer } from 'node:buffer';
import { type DurableState, type Entry, type Snapshot } from '@nexus/core/raft';
import { readEntries as readRun } from '@nexus/platform/raft-codec';
import { ByteReader } from '@nexus/wire';
import { Garbage } from './garbage.js';
import { type LmdbFile } from './lmdb-file.js';
import { type Bounds } from './log-bounds.js';
import { RecordLayout } from './record-layout.js';
import {
  checksum,
  chunkKey,
  entriesKey,
  numberIn,
  headKey,
  snapshotKey,
  storeKey,
  unseal,
} from './record.js';
import { type StoredHead } from './stored-head.js';
import { type SnapshotRecord } from './stored-snapshot.js';
import { type StoreRecord, storeFormat } from './store-id.js';

/** All that a file holds. */
export interface StoredLog {
  readonly storeId: string;
  readonly head: StoredHead;
  readonly snapshot: SnapshotRecord | null;
  readonly state: DurableState;
  readonly layout: RecordLayout;
  /** What an end in the middle of things left behind. */
  readonly garbage: Garbage;
  readonly garbageBytes: number;
  /** The greatest number that an image has, or had. */
  readonly lastImage: number;
}

/**
 * Reads everything and checks all of it against its checksums and against what the head says there is.
 * @throws Error saying what is wrong with it
 */
export function readLog(file: LmdbFile): StoredLog {
  const store = json(file, storeKey, 'the identity') as StoreRecord | null;
  if (store === null) throw new Error('it has no identity');
  if (store.format !== storeFormat) throw new Error(`its format is ${store.format}, not ${storeFormat}`);
  const head = json(file, headKey, 'the head') as StoredHead | null;
  if (head?.transaction !== file.transaction) throw new Error('the head is not that of the last transaction');
  const record = json(file, snapshotKey, 'the snapshot') as SnapshotRecord | null;
  const layout = new RecordLayout();
  const entries = readEntries(file, head.bounds, layout);
  layout.endsAt(head.bounds.last);
  const snapshot = record && readSnapshot(file, record);
  const chunks = file.chunkKeys();
  const ofOthers = chunks.filter((key) => numberIn(key) !== record?.image.number);
  const { bytes: entriesBytes } = layout;
  const { later } = layout.cut({ compactTo: head.bounds.first - 1, truncateFrom: Number.POSITIVE_INFINITY });
  const garbage = new Garbage();
  garbage.add(ofOthers, (key) => key);
  garbage.add(later, entriesKey);
  return {
    storeId: store.storeId,
    head,
    snapshot: record,
    state: { hardState: head.hardState, snapshot, entries },
    layout,
    garbage,
    garbageBytes: ofOthers.reduce((sum, key) => sum + file.get(key)!.length, entriesBytes - layout.bytes),
    lastImage: Math.max(0, ...chunks.slice(-1).map(numberIn)),
  };
}

function readEntries(file: LmdbFile, bounds: Bounds, layout: RecordLayout): Entry[] {
  const entries: Entry[] = [];
  for (const { key, value } of file.entries()) {
    const first = numberIn(key);
    const content = unseal(key, value);
    if (content === null) throw new Error(`the entries from ${first} on do not match their checksum`);
    layout.found(first, value.length);
    // What an earlier record holds from here on is void.
    while (entries.length > 0 && entries.at(-1)!.index >= first) entries.pop();
    for (const entry of readRun(new ByteReader(content), first)) {
      if (entry.index >= bounds.first && entry.index <= bounds.last) entries.push(entry);
    }
  }
  entries.forEach(({ index }, n) => {
    if (index !== bounds.first + n) throw new Error(`entry ${bounds.first + n} is missing`);
  });
  if (entries.length !== bounds.last - bounds.first + 1) throw new Error(`entry ${bounds.last} is missing`);
  return entries;
}

function readSnapshot(file: LmdbFile, record: SnapshotRecord): Snapshot {
  const { index, term, configuration } = record;
  const chunks = record.image.checksums.map((expected, n) => {
    const key = chunkKey(record.image.number, n);
    const chunk = file.get(key);
    if (chunk === undefined) throw new Error(`part ${n} of the snapshot is missing`);
    if (checksum(key, chunk) !== expected)
      throw new Error(`part ${n} of the snapshot does not match its checksum`);
    return chunk;
  });
  const image = Buffer.concat(chunks);
  if (image.length !== record.image.bytes) throw new Error('the snapshot is not of its size');
  return { index, term, configuration, image };
}

/** What the checksum vouches for was written by us: its shape needs no further check. */
function json(file: LmdbFile, key: Buffer, what: string): unknown {
  const value = file.get(key);
  if (value === undefined) return null;
  const content = unseal(key, value);
  if (content === null) throw new Error(`${what} does not match its checksum`);
  return JSON.parse(content.toString());
}

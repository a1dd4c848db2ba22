import { type Buffer } from 'node:buffer';
import { type Configuration, type Snapshot } from '@nexus/core/raft';
import { checksum, chunkKey, sealJson, snapshotKey } from './record.js';

/**
 * Small enough that the free pages of the file hold it without a long search for a hole: LMDB wants a value's pages
 * side by side.
 */
const chunkBytes = 64 * 1_024;

/** The record that makes chunks a snapshot. Their checksums are here: the chunks are views of the image, not copies. */
export interface SnapshotRecord {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly imageBytes: number;
  readonly checksums: readonly number[];
}

export interface ValueAt {
  readonly key: Buffer;
  readonly value: Uint8Array;
}

export function recordOf(snapshot: Snapshot): {
  readonly record: SnapshotRecord;
  readonly values: readonly ValueAt[];
} {
  const { index, term, configuration, image } = snapshot;
  const chunks = Array.from({ length: Math.ceil(image.length / chunkBytes) }, (_, n) => ({
    key: chunkKey(index, n),
    value: image.subarray(n * chunkBytes, (n + 1) * chunkBytes),
  }));
  const checksums = chunks.map(({ key, value }) => checksum(key, value));
  const record = { index, term, configuration, imageBytes: image.length, checksums };
  return { record, values: [...chunks, { key: snapshotKey, value: sealJson(snapshotKey, record) }] };
}

export const chunkKeys = ({ index, checksums }: SnapshotRecord): Buffer[] =>
  checksums.map((_, n) => chunkKey(index, n));

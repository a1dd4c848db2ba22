import { type Buffer } from 'node:buffer';
import { type Configuration, type Snapshot } from '@nexus/core/raft';
import { checksum, chunkKey, sealJson, snapshotKey } from './record.js';

/**
 * Small enough that the free pages of the file hold it without a long search for a hole: LMDB wants a value's pages
 * side by side.
 */
const chunkBytes = 64 * 1_024;
/** What one transaction takes of an image: half a megabyte, some milliseconds. */
const chunksAtOnce = 8;

/** An image in the file: its chunks stand under its number. Their checksums are here: they are views, not copies. */
export interface StoredImage {
  readonly number: number;
  readonly bytes: number;
  readonly checksums: readonly number[];
}

/** The record that makes an image the snapshot. */
export interface SnapshotRecord {
  readonly index: number;
  readonly term: number;
  readonly configuration: Configuration;
  readonly image: StoredImage;
}

export interface ValueAt {
  readonly key: Buffer;
  readonly value: Uint8Array;
}

/** An image on its way into the file. */
export class ImageChunks {
  private readonly checksums: number[] = [];

  constructor(
    private readonly number: number,
    readonly image: Uint8Array,
  ) {}

  /** What one transaction after the other is to store. */
  *parts(): Generator<ValueAt[]> {
    const count = Math.ceil(this.image.length / chunkBytes);
    for (let from = 0; from < count; from += chunksAtOnce) {
      yield Array.from({ length: Math.min(chunksAtOnce, count - from) }, (_, n) => this.chunk(from + n));
    }
  }

  /** What is stored of it by now. */
  get stored(): StoredImage {
    return { number: this.number, bytes: this.image.length, checksums: [...this.checksums] };
  }

  private chunk(n: number): ValueAt {
    const key = chunkKey(this.number, n);
    const value = this.image.subarray(n * chunkBytes, (n + 1) * chunkBytes);
    this.checksums.push(checksum(key, value));
    return { key, value };
  }
}

export function recordOf({ index, term, configuration }: Snapshot, image: StoredImage): SnapshotRecord {
  return { index, term, configuration, image };
}

export const valueOf = (record: SnapshotRecord): ValueAt => ({
  key: snapshotKey,
  value: sealJson(snapshotKey, record),
});

export const chunkKeys = ({ number, checksums }: StoredImage): Buffer[] =>
  checksums.map((_, n) => chunkKey(number, n));

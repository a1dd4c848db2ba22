import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/**
 * The records of a store. LMDB keeps them in the order of their keys, and has no checksums: each value carries a CRC
 * over its key and itself, so that a value that turns up under another key is noticed too.
 */
const kinds = { store: 1, head: 2, snapshot: 3, chunk: 4, entries: 5 } as const;

export const crcBytes = 4;

/** Who the store is. */
export const storeKey = Buffer.from([kinds.store]);
/** What each transaction changes. */
export const headKey = Buffer.from([kinds.head]);
/** Describes the snapshot; its image is in chunks. */
export const snapshotKey = Buffer.from([kinds.snapshot]);

export function chunkKey(image: number, chunk: number): Buffer {
  const key = numbered(kinds.chunk, image, 13);
  key.writeUInt32BE(chunk, 9);
  return key;
}

/** All keys of chunks lie from here on, and before those of entries. */
export const chunksFrom = chunkKey(0, 0);

/** Entries from `first` on. */
export const entriesKey = (first: number): Buffer => numbered(kinds.entries, first, 9);

/** All keys of entries lie from here on. */
export const entriesFrom = entriesKey(0);

/** The index that `entriesKey`, or the image that `chunkKey`, was given. */
export const numberIn = (key: Buffer): number => key.readUInt32BE(1) * 2 ** 32 + key.readUInt32BE(5);

function numbered(kind: number, index: number, bytes: number): Buffer {
  const key = Buffer.alloc(bytes);
  key[0] = kind;
  key.writeUInt32BE(Math.floor(index / 2 ** 32), 1);
  key.writeUInt32BE(index % 2 ** 32, 5);
  return key;
}

/** Fills in the checksum, for which the first `crcBytes` of the value were left free. */
export function seal(key: Buffer, value: Buffer): Buffer {
  value.writeUInt32LE(checksum(key, value.subarray(crcBytes)));
  return value;
}

/** The content of a sealed value, as a view; null when it is not what was written under this key. */
export function unseal(key: Buffer, value: Buffer): Buffer | null {
  if (value.length < crcBytes) return null;
  const content = value.subarray(crcBytes);
  return value.readUInt32LE() === checksum(key, content) ? content : null;
}

export const checksum = (key: Buffer, content: Uint8Array): number => crc32(content, crc32(key));

/** JSON, for the records of which there is one. */
export const sealJson = (key: Buffer, content: object): Buffer =>
  seal(key, Buffer.concat([Buffer.alloc(crcBytes), Buffer.from(JSON.stringify(content))]));

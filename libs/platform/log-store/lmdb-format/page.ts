import { type Buffer } from 'node:buffer';

/**
 * The pages of an LMDB file of data version 2, as the library writes them: `mdb.c` names the fields `mp_*` and `mn_*`.
 * Every number that is read may be damaged: none is followed before it is checked.
 */
export const pageHeaderBytes = 24;
const nodeHeaderBytes = 8;
/** On a leaf, instead of a large value: page, transaction, number of pages. */
const largeValueBytes = 24;

export const pageFlags = { branch: 1, leaf: 2, overflow: 4, meta: 8 } as const;
const largeValueFlag = 1;

export interface PageHeader {
  readonly page: number;
  readonly transaction: number;
  readonly flags: number;
  /** Of an overflow page: how many pages the value takes. */
  readonly pages: number;
}

/** Of a branch: a child and the least key that may be in it. */
export interface BranchNode {
  readonly key: Buffer;
  readonly child: number;
}

/** Of a leaf: a key, and its value either here or on pages of its own. */
export interface LeafNode {
  readonly key: Buffer;
  readonly valueBytes: number;
  readonly value: Buffer | null;
  readonly overflow: { readonly page: number; readonly transaction: number; readonly pages: number } | null;
}

/** Exact up to 2^53; what is above is damaged anyway, and refused for being out of range. */
export const uint64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;

export function pageHeader(bytes: Buffer): PageHeader {
  return {
    page: uint64(bytes, 0),
    transaction: uint64(bytes, 8),
    flags: bytes.readUInt16LE(18),
    pages: bytes.readUInt32LE(20),
  };
}

export const branchNodes = (page: Buffer): BranchNode[] =>
  nodeOffsets(page).map((at) => {
    const child =
      page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16 + page.readUInt16LE(at + 4) * 2 ** 32;
    return { key: keyAt(page, at), child };
  });

export const leafNodes = (page: Buffer): LeafNode[] => nodeOffsets(page).map((at) => leafNode(page, at));

function leafNode(page: Buffer, at: number): LeafNode {
  const key = keyAt(page, at);
  const valueBytes = page.readUInt32LE(at);
  const flags = page.readUInt16LE(at + 4);
  if (flags !== 0 && flags !== largeValueFlag) throw new Error('a record of an unknown kind');
  const start = at + nodeHeaderBytes + key.length;
  const end = start + (flags === largeValueFlag ? largeValueBytes : valueBytes);
  if (end > page.length) throw new Error('a value beyond the end of its page');
  if (flags === 0) return { key, valueBytes, value: page.subarray(start, end), overflow: null };
  const overflow = {
    page: uint64(page, start),
    transaction: uint64(page, start + 8),
    pages: uint64(page, start + 16),
  };
  return { key, valueBytes, value: null, overflow };
}

/** Where the nodes of a tree's page begin, in the order of their keys. */
function nodeOffsets(page: Buffer): number[] {
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower % 2 !== 0 || lower > upper || pageHeaderBytes + upper > page.length) {
    throw new Error('a page whose free part is impossible');
  }
  return Array.from({ length: lower / 2 }, (_, n) => {
    const offset = page.readUInt16LE(pageHeaderBytes + 2 * n);
    const at = pageHeaderBytes + offset;
    if (offset < upper || at + nodeHeaderBytes > page.length) throw new Error('a record outside its page');
    return at;
  });
}

function keyAt(page: Buffer, at: number): Buffer {
  const start = at + nodeHeaderBytes;
  const end = start + page.readUInt16LE(at + 6);
  if (end > page.length) throw new Error('a key beyond the end of its page');
  return page.subarray(start, end);
}

import { type Buffer } from 'node:buffer';
import { pageFlags, pageHeader, pageHeaderBytes, uint64 } from './page.js';

const magic = 0xbeefc0de;
const dataVersion = 2;
const treeBytes = 48;
const treesAt = pageHeaderBytes + 24;
const afterTrees = treesAt + 2 * treeBytes;

export const metaBytes = afterTrees + 24;

/** Of a tree without pages. */
const noPage = 0xffffffff + 0xffffffff * 2 ** 32;

/** One of the trees of a file. */
export interface Tree {
  readonly flags: number;
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly overflowPages: number;
  readonly records: number;
  /** null when it is empty. */
  readonly root: number | null;
}

/** One of the two first pages. They take turns: the one of the last transaction is in force. */
export interface Meta {
  readonly transaction: number;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly free: Tree;
  readonly main: Tree;
}

/** @param bytes at least `metaBytes` of page 0 or 1 */
export function readMeta(bytes: Buffer, page: 0 | 1): Meta {
  const header = pageHeader(bytes);
  if (
    header.page !== page ||
    header.flags !== pageFlags.meta ||
    bytes.readUInt32LE(pageHeaderBytes) !== magic
  ) {
    throw new Error(`page ${page} is not what every log begins with`);
  }
  if (bytes.readUInt32LE(pageHeaderBytes + 4) !== dataVersion)
    throw new Error('it is of another version of LMDB');
  const transaction = uint64(bytes, afterTrees + 8);
  if (transaction % 2 !== page)
    throw new Error(`page ${page} is not of a transaction that would write there`);
  return {
    transaction,
    pageBytes: bytes.readUInt32LE(treesAt),
    lastPage: uint64(bytes, afterTrees),
    free: readTree(bytes, treesAt),
    main: readTree(bytes, treesAt + treeBytes),
  };
}

function readTree(bytes: Buffer, at: number): Tree {
  const root = uint64(bytes, at + 40);
  return {
    flags: bytes.readUInt16LE(at + 4),
    depth: bytes.readUInt16LE(at + 6),
    branchPages: uint64(bytes, at + 8),
    leafPages: uint64(bytes, at + 16),
    overflowPages: uint64(bytes, at + 24),
    records: uint64(bytes, at + 32),
    root: root === noPage ? null : root,
  };
}

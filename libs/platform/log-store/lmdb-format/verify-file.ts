import { Buffer } from 'node:buffer';
import { closeSync, openSync } from 'node:fs';
import { freePages } from './free-pages.js';
import { type Meta, metaBytes, readMeta } from './meta.js';
import { PageFile } from './page-file.js';
import { type LeafNode, pageHeader, uint64 } from './page.js';
import { type Compare, TreeWalk } from './tree-walk.js';

/** How much of a file is in use. */
export interface Usage {
  readonly usedBytes: number;
  readonly fileBytes: number;
}

const pageBytesMin = 512;
const pageBytesMax = 65_536;
/** None is ever lost, by the book; a few cost nothing but their space. */
const lostPagesMax = 1_024;

/**
 * Checks the structure of a file before LMDB maps it. LMDB trusts what it maps: a damaged page makes it return wrong
 * records, write over good ones, or end the process by a signal, and a damaged first page makes it fall back, without a
 * word, to the state before the last transaction. Here every page that is in use must be where it is claimed to be, of
 * the kind and the age it is claimed to be, claimed once, and counted; keys must be in order; pages that are called free
 * must not be in use. What the values hold is for their checksums to say.
 * @throws Error saying what is wrong
 */
export function verifyFile(path: string): Usage {
  const descriptor = openSync(path, 'r');
  try {
    const file = new PageFile(descriptor);
    const { transaction, free, main } = newestMeta(file);
    const freeLists: LeafNode[] = [];
    new TreeWalk(file, free, transaction, byTransaction).run((leaf) => freeLists.push(leaf));
    new TreeWalk(file, main, transaction, byBytes).run(() => undefined);
    const usedBytes = file.claimedPages * file.pageBytes;
    for (const leaf of freeLists) for (const page of freePages(file.valueOf(leaf))) file.claim(page);
    const lostPages = file.lastPage + 1 - file.claimedPages;
    if (lostPages > lostPagesMax) throw new Error(`${lostPages} pages are neither in use nor free`);
    return { usedBytes, fileBytes: file.bytes };
  } finally {
    closeSync(descriptor);
  }
}

const byBytes: Compare = (a, b) => Buffer.compare(a, b);

/** The tree of free pages has numbers as keys. */
const byTransaction: Compare = (a, b) => {
  if (a.length !== 8 || b.length !== 8) throw new Error('free pages under no transaction');
  return uint64(a, 0) - uint64(b, 0);
};

/** Both are checked: were the newest one damaged in its number, the older one would pass for it. */
function newestMeta(file: PageFile): Meta {
  const first = readMeta(file.read(0, metaBytes), 0);
  const { pageBytes } = first;
  if (pageBytes < pageBytesMin || pageBytes > pageBytesMax)
    throw new Error(`it has pages of ${pageBytes} bytes`);
  const second = readMeta(file.read(pageBytes, metaBytes), 1);
  const [newest, older] = first.transaction > second.transaction ? [first, second] : [second, first];
  const doAgree =
    newest.transaction === older.transaction + 1 &&
    newest.pageBytes === older.pageBytes &&
    newest.main.flags === older.main.flags &&
    newest.free.flags === older.free.flags;
  if (!doAgree) throw new Error('its two first pages contradict each other');
  file.pageBytes = pageBytes;
  file.lastPage = newest.lastPage;
  expectRootOf(file, newest);
  // The first transaction of all leaves no record.
  if (older.transaction > 1) expectRootOf(file, older);
  return newest;
}

/** Every transaction writes the head record, hence a root of its own. */
function expectRootOf(file: PageFile, { main, transaction }: Meta): void {
  if (main.root === null || pageHeader(file.page(main.root)).transaction !== transaction) {
    throw new Error('its first pages do not belong to what they point at');
  }
}

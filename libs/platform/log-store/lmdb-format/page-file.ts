import { Buffer } from 'node:buffer';
import { fstatSync, readSync } from 'node:fs';
import { type LeafNode, pageHeader, pageHeaderBytes } from './page.js';

/** A file of pages, open for reading, and which of its pages somebody laid claim to. */
export class PageFile {
  /** The two first ones say where all else is. */
  private readonly claimed = new Set([0, 1]);
  pageBytes = 0;
  lastPage = 0;

  constructor(private readonly descriptor: number) {}

  get bytes(): number {
    return fstatSync(this.descriptor).size;
  }

  get claimedPages(): number {
    return this.claimed.size;
  }

  /** @throws Error when the file ends before */
  read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    if (readSync(this.descriptor, bytes, 0, length, at) < length) throw new Error('the file ends too early');
    return bytes;
  }

  page(number: number): Buffer {
    return this.read(number * this.pageBytes, this.pageBytes);
  }

  /** @throws Error when there is no such page, or when it has a claim on it already */
  claim(page: number): void {
    if (!(page >= 2 && page <= this.lastPage)) throw new Error(`there is no page ${page}`);
    if (this.claimed.has(page)) throw new Error(`page ${page} is in use twice`);
    this.claimed.add(page);
  }

  /** Claims the pages of a large value. Returns their number. */
  claimValue({ valueBytes, overflow }: LeafNode, flags: number): number {
    if (overflow === null) return 0;
    const { page, transaction, pages } = overflow;
    for (let n = 0; n < pages; n++) this.claim(page + n);
    const header = pageHeader(this.page(page));
    const isIt =
      header.page === page &&
      header.flags === flags &&
      header.pages === pages &&
      header.transaction === transaction &&
      pageHeaderBytes + valueBytes <= pages * this.pageBytes &&
      (page + pages) * this.pageBytes <= this.bytes;
    if (!isIt) throw new Error(`page ${page} does not hold the value that it should`);
    return pages;
  }

  valueOf({ value, valueBytes, overflow }: LeafNode): Buffer {
    return value ?? this.read(overflow!.page * this.pageBytes + pageHeaderBytes, valueBytes);
  }
}

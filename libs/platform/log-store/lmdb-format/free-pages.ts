import { type Buffer } from 'node:buffer';
import { uint64 } from './page.js';

/**
 * The pages in a record of free pages: a count of words, then words. A word is a page, nothing (0), or the negative
 * length of a run, whose first page is the next word.
 */
export function freePages(value: Buffer): number[] {
  const words = value.length < 8 ? -1 : uint64(value, 0);
  if (words < 0 || 8 * (words + 1) > value.length) throw new Error('a list of free pages that is cut off');
  const pages: number[] = [];
  let run = 1;
  for (let n = 1; n <= words; n++) {
    const word = Number(value.readBigInt64LE(8 * n));
    if (word < 0) run = -word;
    if (word > 0) {
      if (run > pagesMax) throw new Error('a run of free pages beyond measure');
      for (let page = word; page < word + run; page++) pages.push(page);
      run = 1;
    }
  }
  return pages;
}

/** 4 TiB of pages: a longer run is damage, and must not fill the memory. */
const pagesMax = 2 ** 24;

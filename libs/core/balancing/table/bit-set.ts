import { widened } from './columns.js';

/**
 * A set of small integers, a bit each, and above each word a bit that says whether it has any: of 100,000 a search passes
 * over a thousand in one look, where there are none.
 */
export class BitSet {
  private words = new Uint32Array(1);
  /** A bit for each word that is not empty. */
  private summary = new Uint32Array(1);
  private members = 0;

  /** How many are in. */
  get size(): number {
    return this.members;
  }

  has(bit: number): boolean {
    return (this.words[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  add(bit: number): void {
    if (this.has(bit)) return;
    const word = bit >>> 5;
    if (word >= this.words.length) this.grow(Math.max(word + 1, this.words.length * 2));
    this.words[word]! |= 1 << (bit & 31);
    this.summary[word >>> 5]! |= 1 << (word & 31);
    this.members++;
  }

  delete(bit: number): void {
    if (!this.has(bit)) return;
    const word = bit >>> 5;
    this.words[word]! &= ~(1 << (bit & 31));
    if (this.words[word] === 0) this.summary[word >>> 5]! &= ~(1 << (word & 31));
    this.members--;
  }

  /** How many are in both. */
  countCommon(other: BitSet): number {
    let count = 0;
    for (let word = this.nextWord(other, 0); word !== -1; word = this.nextWord(other, word + 1)) {
      count += ones(this.words[word]! & other.words[word]!);
    }
    return count;
  }

  /** The first from `from` on and before `end` that is in both; -1 when there is none. */
  nextCommon(other: BitSet, from: number, end: number): number {
    // Bits below `from` in its own word do not count.
    let mask = -1 << (from & 31);
    for (let word = from >>> 5; word << 5 < end; word = this.nextWord(other, word + 1)) {
      if (word === -1) return -1;
      const common = this.words[word]! & other.words[word]! & mask;
      mask = -1;
      if (common === 0) continue;
      const bit = (word << 5) + lowestOne(common);
      return bit < end ? bit : -1;
    }
    return -1;
  }

  /** The first word from one on in which both have something; -1 when there is none. */
  private nextWord(other: BitSet, from: number): number {
    const end = Math.min(this.summary.length, other.summary.length);
    let mask = -1 << (from & 31);
    for (let at = from >>> 5; at < end; at++) {
      const common = this.summary[at]! & other.summary[at]! & mask;
      if (common !== 0) return (at << 5) + lowestOne(common);
      mask = -1;
    }
    return -1;
  }

  private grow(words: number): void {
    this.words = widened(this.words, words);
    this.summary = widened(this.summary, (words + 31) >>> 5);
  }
}

const lowestOne = (word: number): number => 31 - Math.clz32(word & -word);

/** Bits that are set in a word, counted in parallel in its fields of 2, 4 and 8. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

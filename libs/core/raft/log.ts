import { assert } from '@nexus/core/invariant';
import { type Entry, entryBytes } from './entry.js';

/** Names one entry: two logs that hold the same position are equal up to it (Raft, §5.3). */
export interface Position {
  readonly index: number;
  readonly term: number;
}

/** What a write must carry so that the store holds what this log holds. */
export interface LogChanges {
  readonly compactTo: number | null;
  readonly truncateFrom: number | null;
  readonly append: readonly Entry[];
}

/** Up to `lastIndex` a write carried this log; what was cut off later does not count. */
interface Carried {
  readonly sequence: number;
  lastIndex: number;
}

/**
 * The entries after a base, in memory. The base is where compaction has come to: its term is known, its entry is not.
 * Adding, reading and, on the average, compacting one entry cost O(1), whatever the length.
 *
 * The log also knows how much of it the store was given (`takeChanges`) and how much the store confirmed.
 */
export class Log {
  /** Those up to `head` are compacted away; they leave the array when they are the larger part of it. */
  private entries: Entry[];
  private head = 0;
  private base: Position;
  private bytes = 0;
  private givenIndex: number;
  private durable: number;
  private truncateFrom: number | null = null;
  private compactTo: number | null = null;
  private carried: Carried[] = [];

  /** @param entries consecutive from `base.index + 1`, all of them in the store */
  constructor(base: Position, entries: readonly Entry[] = []) {
    this.base = base;
    this.entries = [];
    for (const entry of entries) this.append(entry);
    this.givenIndex = this.lastIndex;
    this.durable = this.lastIndex;
  }

  get baseIndex(): number {
    return this.base.index;
  }

  get lastIndex(): number {
    return this.base.index + this.entries.length - this.head;
  }

  get last(): Position {
    return this.entries.length > this.head ? this.entries.at(-1)! : this.base;
  }

  /** Up to here the store would give it back after a power failure. */
  get durableIndex(): number {
    return this.durable;
  }

  /** Bytes of the entries that are held. */
  get heldBytes(): number {
    return this.bytes;
  }

  get changed(): boolean {
    return this.givenIndex !== this.lastIndex || this.truncateFrom !== null || this.compactTo !== null;
  }

  /** Null where nothing is known: below the base, and beyond the end. */
  termAt(index: number): number | null {
    if (index === this.base.index) return this.base.term;
    return this.entryAt(index)?.term ?? null;
  }

  holds({ index, term }: Position): boolean {
    return this.termAt(index) === term;
  }

  entryAt(index: number): Entry | undefined {
    return index > this.base.index ? this.entries[this.head + index - this.base.index - 1] : undefined;
  }

  /** From `from` to `to`, both included; `from` lies above the base. */
  range(from: number, to: number): Entry[] {
    assert(from > this.base.index, 'what was compacted away is not read');
    const start = this.head + from - this.base.index - 1;
    return this.entries.slice(start, start + Math.max(0, to - from + 1));
  }

  /** As `range`, up to the last entry, but no more than `bytesMax` unless the first alone is more. */
  rangeWithin(from: number, bytesMax: number): Entry[] {
    let to = from - 1;
    let bytes = 0;
    for (let entry = this.entryAt(from); entry !== undefined; entry = this.entryAt(to + 1)) {
      bytes += entryBytes(entry);
      if (bytes > bytesMax && to >= from) break;
      to++;
    }
    return this.range(from, to);
  }

  append(entry: Entry): void {
    const { index, term } = this.last;
    assert(entry.index === index + 1, 'entries of a log are consecutive');
    assert(entry.term >= term, 'terms of a log never fall');
    this.entries.push(entry);
    this.bytes += entryBytes(entry);
  }

  /** Removes the entries from `from` on. */
  truncate(from: number): void {
    assert(from > this.base.index, 'what was compacted away is committed, and stays');
    const start = this.head + from - this.base.index - 1;
    for (let at = start; at < this.entries.length; at++) this.bytes -= entryBytes(this.entries[at]!);
    this.entries.length = Math.min(this.entries.length, start);
    this.forget(from);
  }

  /** Removes the entries up to `index`, which stays known as the new base. */
  compact(index: number): void {
    const term = this.termAt(index);
    assert(term !== null, 'a log is compacted to an entry that it holds');
    assert(index <= this.givenIndex, 'only what the store was given is compacted away');
    const end = this.head + index - this.base.index;
    for (let at = this.head; at < end; at++) this.bytes -= entryBytes(this.entries[at]!);
    this.head = end;
    this.base = { index, term };
    this.compactTo = index;
    if (this.head * 2 <= this.entries.length) return;
    this.entries = this.entries.slice(this.head);
    this.head = 0;
  }

  /** Drops everything: a snapshot that ends at `base` stands in for it. */
  restart(base: Position): void {
    this.entries = [];
    this.head = 0;
    this.bytes = 0;
    this.base = base;
    this.forget(base.index + 1);
    this.compactTo = base.index;
    this.givenIndex = base.index;
  }

  /** The first index of the term that `index`, above the base, has. Terms never fall, so a binary search finds it. */
  firstIndexOfTermAt(index: number): number {
    const term = this.termAt(index);
    let low = this.base.index + 1;
    let high = index;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.termAt(middle)! < (term ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The last entry, not above `index`, whose term is at most `term`; the base when there is none. */
  lastWithTermAtMost(term: number, index: number): Position {
    let low = this.base.index;
    let high = Math.min(index, this.lastIndex);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.termAt(middle)! <= term) low = middle;
      else high = middle - 1;
    }
    return { index: low, term: this.termAt(low)! };
  }

  /** What changed since the last call, to be carried by the write `sequence`. */
  takeChanges(sequence: number): LogChanges {
    const { compactTo, truncateFrom } = this;
    const append = this.givenIndex < this.lastIndex ? this.range(this.givenIndex + 1, this.lastIndex) : [];
    this.givenIndex = this.lastIndex;
    this.compactTo = null;
    this.truncateFrom = null;
    this.carried.push({ sequence, lastIndex: this.lastIndex });
    return { compactTo, truncateFrom, append };
  }

  /** The write `sequence`, and all before it, are durable. */
  confirm(sequence: number): void {
    let done = 0;
    while (done < this.carried.length && this.carried[done]!.sequence <= sequence) {
      this.durable = Math.max(this.durable, this.carried[done]!.lastIndex);
      done++;
    }
    this.carried.splice(0, done);
  }

  /** Entries from `from` on are void: no earlier write counts for what may stand there later. */
  private forget(from: number): void {
    if (from <= this.givenIndex) {
      this.truncateFrom = Math.min(from, this.truncateFrom ?? from);
      this.givenIndex = from - 1;
    }
    this.durable = Math.min(this.durable, from - 1);
    for (const write of this.carried) write.lastIndex = Math.min(write.lastIndex, from - 1);
  }
}

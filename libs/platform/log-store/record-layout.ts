import { type Entry } from '@nexus/core/raft';
import { writeEntries } from '@nexus/platform/raft-codec';
import { ByteWriter } from '@nexus/wire';
import { crcBytes, entriesKey, seal } from './record.js';

/** A record of this size, or above, takes no more entries. */
const recordBytesMax = 256 * 1_024;
const roomForCrc = new Uint8Array(crcBytes);

interface RecordExtent {
  readonly first: number;
  readonly bytes: number;
}

export interface NewRecord {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Records that are to go, each by the index that it begins at. */
export interface Removals {
  /** With the change: what takes their place may begin there as well. */
  readonly atOnce: readonly number[];
  /** Any time: below the first index that counts they are passed over, and no record is ever made there again. */
  readonly later: readonly number[];
}

/**
 * Which records hold the log. A record holds the entries of one group of writes from `first` on, up to the next record
 * or the end of the log: what it holds beyond is void. So nothing is ever rewritten: truncation removes the records
 * that begin in the void part, and compaction those that end in it.
 */
export class RecordLayout {
  private readonly writer = new ByteWriter();
  private records: RecordExtent[] = [];
  private end = 0;
  private total = 0;

  /** Bytes of the records' values. */
  get bytes(): number {
    return this.total;
  }

  /** A record that was found, after those before it. */
  found(first: number, bytes: number): void {
    this.records.push({ first, bytes });
    this.total += bytes;
  }

  /** Where the log ends, once all records are found. */
  endsAt(last: number): void {
    this.end = last;
  }

  /** Takes out the records that hold nothing but void entries. */
  cut({ compactTo, truncateFrom }: { readonly compactTo: number; readonly truncateFrom: number }): Removals {
    this.end = Math.min(this.end, truncateFrom - 1);
    const voidAtEnd = countFromEnd(this.records, ({ first }) => first >= truncateFrom);
    const truncated = this.records.splice(this.records.length - voidAtEnd);
    const compacted = this.records.splice(0, this.countCompacted(compactTo));
    const gone = [...compacted, ...truncated];
    for (const { bytes } of gone) this.total -= bytes;
    const firsts = gone.map(({ first }) => first);
    return {
      atOnce: firsts.filter((first) => first > compactTo),
      later: firsts.filter((first) => first <= compactTo),
    };
  }

  /** Makes records of the entries that follow. */
  append(entries: readonly Entry[]): NewRecord[] {
    const made = inRecords(entries).map((part) => {
      const first = part[0]!.index;
      const key = entriesKey(first);
      writeEntries(this.writer.raw(roomForCrc), part);
      const value = seal(key, this.writer.take());
      this.found(first, value.length);
      return { key, value };
    });
    this.end = entries.at(-1)?.index ?? this.end;
    return made;
  }

  private countCompacted(compactTo: number): number {
    const { records } = this;
    let count = 0;
    while (count < records.length && (records[count + 1]?.first ?? this.end + 1) <= compactTo + 1) count++;
    return count;
  }
}

function inRecords(entries: readonly Entry[]): Entry[][] {
  const parts: Entry[][] = [];
  let bytes = recordBytesMax;
  for (const entry of entries) {
    if (bytes >= recordBytesMax) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(entry);
    bytes += entry.kind === 'command' ? entry.command.length : 0;
  }
  return parts;
}

function countFromEnd<T>(items: readonly T[], matches: (item: T) => boolean): number {
  let count = 0;
  while (count < items.length && matches(items[items.length - 1 - count]!)) count++;
  return count;
}

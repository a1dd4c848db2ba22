import { type Buffer } from 'node:buffer';

/**
 * Records that nothing refers to any more, until they are removed, a few at a time. A compaction leaves one for each
 * write since the last, hundreds of thousands where each write had one entry: a key is made when it is asked for.
 */
export class Garbage {
  private readonly batches: Generator<Buffer, void>[] = [];
  private left = 0;

  get isEmpty(): boolean {
    return this.left === 0;
  }

  /** @param records what their keys are made of */
  add<Record>(records: readonly Record[], keyOf: (record: Record) => Buffer): void {
    if (records.length === 0) return;
    this.left += records.length;
    this.batches.push(keysOf(records, keyOf));
  }

  /** The keys of so many records, of fewer at the end; they count as removed. */
  take(count: number): Buffer[] {
    const keys: Buffer[] = [];
    while (keys.length < count && this.batches.length > 0) {
      const next = this.batches[0]!.next();
      if (next.done === true) this.batches.shift();
      else keys.push(next.value);
    }
    this.left -= keys.length;
    return keys;
  }
}

function* keysOf<Record>(
  records: readonly Record[],
  keyOf: (record: Record) => Buffer,
): Generator<Buffer, void> {
  for (const record of records) yield keyOf(record);
}

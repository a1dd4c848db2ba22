/*
 * Named values, each with the index of the entry that last changed it as its version. An index is never used twice, so a
 * version never comes back, not even after a delete: who compares it and writes can rely on nothing having happened in
 * between. A decided key stands for good.
 */
import { assert } from '@nexus/core/invariant';
import { type DecideCommand, type DeleteCommand, type PutCommand } from './command.js';
import { type KeyImage } from './image.js';
import { type StateLimits } from './limits.js';
import { type Outcome, refused } from './outcome.js';
import { type KeyReading } from './reading.js';
import { type TableImage } from './table-image.js';
import { type Turn } from './turn.js';
import { valueBytes } from './value-size.js';

/** Replaced when the key changes, and never changed itself: so an image may keep it. */
interface KeyRecord {
  readonly key: string;
  readonly value: unknown;
  readonly version: number;
  readonly decided: boolean;
  readonly bytes: number;
}

/** What a key takes beside its name and value, in bytes. */
const recordBytes = 96;

const at = 'command.expectedVersion';

export class Keys {
  private readonly records = new Map<string, KeyRecord>();
  private bytes = 0;

  constructor(private readonly limits: StateLimits) {}

  put(turn: Turn, command: PutCommand): Outcome {
    const { key, value, expectedVersion } = command;
    const record = this.records.get(key);
    const version = record?.version ?? 0;
    if (expectedVersion !== undefined && expectedVersion !== version)
      return refused(turn, 'conflict', `the version is ${version}`, { path: at });
    if (record?.decided) return refused(turn, 'conflict', 'the key is decided for good');
    return this.write(turn, command.key, value, false) ?? this.done(turn, turn.index);
  }

  delete(turn: Turn, { key, expectedVersion }: DeleteCommand): Outcome {
    const record = this.records.get(key);
    const version = record?.version ?? 0;
    if (expectedVersion !== undefined && expectedVersion !== version)
      return refused(turn, 'conflict', `the version is ${version}`, { path: at });
    if (record === undefined) return refused(turn, 'not_found', 'there is no such key');
    if (record.decided) return refused(turn, 'conflict', 'the key is decided for good');
    this.records.delete(key);
    this.bytes -= record.bytes;
    turn.changes.push({ kind: 'key', index: turn.index, key, value: null, version: 0 });
    return this.done(turn, 0);
  }

  decide(turn: Turn, { key, value }: DecideCommand): Outcome {
    const record = this.records.get(key);
    if (!record?.decided) {
      const refusal = this.write(turn, key, value, true);
      if (refusal !== null) return refusal;
    }
    const { version, value: decided } = this.reading(key);
    return { kind: 'done', index: turn.index, term: turn.term, version, value: decided };
  }

  reading(key: string): KeyReading {
    const record = this.records.get(key);
    if (record === undefined) return { key, value: null, version: 0 };
    return { key, value: record.value, version: record.version };
  }

  /** What a key is decided to be, of which it is known that it is. */
  decision(key: string): unknown {
    const record = this.records.get(key);
    assert(record?.decided === true, 'what is decided stands among the keys for good');
    return record.value;
  }

  image(): TableImage<KeyImage> {
    const records = [...this.records.values()];
    return {
      length: records.length,
      row: (at) => {
        const { key, value, version, decided } = records[at]!;
        return [key, value, decided ? -version : version];
      },
      bytes: (at) => records[at]!.bytes,
    };
  }

  restore(image: readonly KeyImage[]): void {
    for (const [key, value, stamp] of image) {
      const bytes = bytesOf(key, value);
      this.records.set(key, { key, value, version: Math.abs(stamp), decided: stamp < 0, bytes });
      this.bytes += bytes;
    }
  }

  /** @returns null when it is written */
  private write(turn: Turn, key: string, given: unknown, decided: boolean): Outcome | null {
    const value = given === undefined ? null : given;
    const { index } = turn;
    const record = this.records.get(key);
    const bytes = bytesOf(key, value);
    if (bytes === Infinity)
      return refused(turn, 'invalid_argument', 'is nested too deeply', { path: 'command.value' });
    const growth = bytes - (record?.bytes ?? 0);
    if (this.bytes + growth > this.limits.keyBytesMax)
      return refused(turn, 'overloaded', 'the keys take all the room that there is');
    if (record === undefined && this.records.size >= this.limits.keysMax)
      return refused(turn, 'overloaded', 'there are too many keys');
    this.records.set(key, { key, value, version: index, decided, bytes });
    this.bytes += growth;
    turn.changes.push({ kind: 'key', index, key, value, version: index });
    return null;
  }

  private done({ index, term }: Turn, version: number): Outcome {
    return { kind: 'done', index, term, version };
  }
}

function bytesOf(key: string, value: unknown): number {
  return recordBytes + key.length + valueBytes(value);
}

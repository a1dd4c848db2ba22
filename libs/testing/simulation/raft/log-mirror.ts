import {
  type Configuration,
  type DurableState,
  type Entry,
  type HardState,
  type Snapshot,
  type Write,
} from '@nexus/core/raft';
import { hold } from '../violation.js';

/** Where a log ends. */
export interface LogEnd {
  readonly index: number;
  readonly term: number;
}

interface ConfigurationAt {
  readonly index: number;
  readonly configuration: Configuration;
}

const blank: Snapshot = {
  index: 0,
  term: 0,
  configuration: { voters: [], learners: [] },
  image: new Uint8Array(0),
};

/** A member's hard state and log as its writes leave them; kept apart from the member, which may be wrong. */
export class LogMirror {
  private entries: Entry[] = [];
  private hard: HardState = { term: 0, votedFor: null, commit: 0 };
  private base: Snapshot;
  /** By index; the first is the snapshot's. */
  private configurations: ConfigurationAt[];

  /** @param base null for a store that was never written */
  constructor(base: Snapshot | null) {
    this.base = base ?? blank;
    if (base) this.hard = { term: base.term, votedFor: null, commit: base.index };
    this.configurations = [this.base];
  }

  get hardState(): HardState {
    return this.hard;
  }

  get snapshot(): Snapshot {
    return this.base;
  }

  /** As the store has it. */
  get stored(): DurableState {
    const snapshot = this.base === blank ? null : this.base;
    return { hardState: this.hard, snapshot, entries: [...this.entries] };
  }

  get lastIndex(): number {
    return this.entries.at(-1)?.index ?? this.base.index;
  }

  get last(): LogEnd {
    const { index, term } = this.entries.at(-1) ?? this.base;
    return { index, term };
  }

  get configuration(): Configuration {
    return this.configurations.at(-1)!.configuration;
  }

  /** Where the configuration in force stands. */
  get configurationIndex(): number {
    return this.configurations.at(-1)!.index;
  }

  entryAt(index: number): Entry | undefined {
    const [first] = this.entries;
    return first && this.entries[index - first.index];
  }

  /** Undefined for an index that is beyond the log, or was compacted away. */
  termAt(index: number): number | undefined {
    if (index === this.base.index) return this.base.term;
    return this.entryAt(index)?.term;
  }

  fold(write: Write): void {
    if (write.snapshot) this.takeSnapshot(write.snapshot);
    if (write.compactTo !== undefined) this.compact(write.compactTo);
    if (write.truncateFrom !== undefined) this.truncate(write.truncateFrom);
    for (const entry of write.append) this.append(entry);
    if (write.hardState) this.hard = write.hardState;
    const [first] = this.entries;
    hold(
      first === undefined || first.index <= this.base.index + 1,
      'the log has no gap',
      () => `the snapshot ends at ${this.base.index}, the log goes on at ${first!.index}`,
    );
  }

  clone(): LogMirror {
    const copy = new LogMirror(this.base);
    copy.entries = [...this.entries];
    copy.hard = this.hard;
    copy.configurations = [...this.configurations];
    return copy;
  }

  private takeSnapshot(snapshot: Snapshot): void {
    hold(
      snapshot.index >= this.base.index,
      'snapshots do not go back',
      () => `one at ${snapshot.index} replaces one at ${this.base.index}`,
    );
    this.base = snapshot;
    this.configurations = [snapshot, ...this.configurations.filter(({ index }) => index > snapshot.index)];
  }

  private compact(through: number): void {
    const [first] = this.entries;
    hold(
      through <= this.base.index,
      'only what a snapshot holds is compacted',
      () => `${through} > ${this.base.index}`,
    );
    if (first && through >= first.index) this.entries.splice(0, through - first.index + 1);
  }

  private truncate(from: number): void {
    const [first] = this.entries;
    if (!first) return;
    this.entries.length = Math.min(this.entries.length, Math.max(0, from - first.index));
    while (this.configurations.length > 1 && this.configurations.at(-1)!.index >= from)
      this.configurations.pop();
  }

  private append(entry: Entry): void {
    hold(
      entry.index === this.lastIndex + 1,
      'the log has no gap',
      () => `entry ${entry.index} is appended after ${this.lastIndex}`,
    );
    this.entries.push(entry);
    if (entry.kind === 'configuration') this.configurations.push(entry);
  }
}

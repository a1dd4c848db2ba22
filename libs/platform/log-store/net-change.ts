import { type Entry, type HardState, type Snapshot, type Write } from '@nexus/core/raft';

/**
 * What several writes change, one after the other, as one change. Entries on the disk survive when they lie above
 * `compactTo` and below `truncateFrom`; after them comes `append`.
 */
export class NetChange {
  hardState: HardState | undefined;
  snapshot: Snapshot | undefined;
  compactTo = 0;
  truncateFrom = Number.POSITIVE_INFINITY;
  append: Entry[] = [];

  add(write: Write): void {
    if (write.hardState !== undefined) this.hardState = write.hardState;
    if (write.snapshot !== undefined) this.snapshot = write.snapshot;
    if (write.compactTo !== undefined) this.compact(write.compactTo);
    if (write.truncateFrom !== undefined) this.truncate(write.truncateFrom);
    for (const entry of write.append) this.append.push(entry);
  }

  private compact(to: number): void {
    this.compactTo = Math.max(this.compactTo, to);
    removeUpTo(this.append, to);
  }

  private truncate(from: number): void {
    this.truncateFrom = Math.min(this.truncateFrom, from);
    removeFrom(this.append, from);
  }
}

/** Of consecutive entries, those with an index of `from` and above. */
export function removeFrom(entries: Entry[], from: number): void {
  const head = entries[0];
  if (head !== undefined) entries.length = Math.min(entries.length, Math.max(0, from - head.index));
}

/** Of consecutive entries, those with an index of `to` and below. */
export function removeUpTo(entries: Entry[], to: number): void {
  const head = entries[0];
  if (head !== undefined && head.index <= to) entries.splice(0, to - head.index + 1);
}

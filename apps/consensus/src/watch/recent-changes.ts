import { type Change } from '@nexus/contracts';

const changesMax = 2_048;
const bytesMax = 4 * 1_024 * 1_024;

interface Turn {
  readonly changes: readonly Change[];
  readonly bytes: number;
}

/**
 * The last changes that this replica applied. Whoever led before may have ended with some of them untold, so the next
 * leader tells them all again: a watcher passes over what it knows, and misses nothing.
 */
export class RecentChanges {
  /** Oldest first; an entry's changes are within one turn. */
  private turns: Turn[] = [];
  private count = 0;
  private bytes = 0;
  /** The last change before those that are kept. */
  private before = 0;

  get lastIndex(): number {
    return this.turns.at(-1)?.changes.at(-1)?.index ?? this.before;
  }

  /** @param bytes what the entries had that made the changes */
  add(changes: readonly Change[], bytes: number): void {
    this.turns.push({ changes, bytes });
    this.count += changes.length;
    this.bytes += bytes;
    while (this.turns.length > 1 && (this.count > changesMax || this.bytes > bytesMax)) this.dropOldest();
  }

  /** The state was replaced: what changed up to `index` is not known one by one. */
  reset(index: number): void {
    this.turns = [];
    this.count = 0;
    this.bytes = 0;
    this.before = index;
  }

  all(): { readonly previousIndex: number; readonly changes: readonly Change[] } {
    return { previousIndex: this.before, changes: this.turns.flatMap(({ changes }) => changes) };
  }

  private dropOldest(): void {
    const oldest = this.turns.shift();
    if (oldest === undefined) return;
    this.count -= oldest.changes.length;
    this.bytes -= oldest.bytes;
    this.before = oldest.changes.at(-1)?.index ?? this.before;
  }
}

import { type Applied, type Change, ReplicatedState } from '@nexus/core/replicated-state';
import { type Entry, type Snapshot } from '@nexus/core/raft';
import { type ReadReply } from '@nexus/contracts';
import { restoreState, restoreStateAtOnce } from './image-codec.js';
import { decodeProposal } from './proposal-codec.js';
import { type Query, readingOf } from './readings.js';

/** Some ten milliseconds of work: heartbeats and ticks stand between two such parts. */
const wholePart = { entries: 2_000, bytes: 1_024 * 1_024 };
/** A fraction of a millisecond, less than a flush takes; but a part of what waits, or ever more would wait. */
const smallPart = { entries: 64, ofWaiting: 1 / 4, entryBytes: 1_024 };

export interface StateEvents {
  /** An entry is in the state; of one that is no command there is nothing to tell. */
  readonly applied: (entry: Entry, applied: Applied | null) => void;
  /** What one part of the work changed, at least one change, and the bytes of its commands. */
  readonly changed: (changes: readonly Change[], bytes: number) => void;
  readonly restored: (index: number) => void;
}

type Restoring = Generator<void, ReplicatedState>;

/**
 * The replicated state behind the log. What is committed waits here, in order, until it is applied, a bounded part at a
 * time: a follower that catches up, or takes over an image, still hears its leader. It bounds nothing itself: whoever
 * commits looks at `waiting`.
 */
export class StateMachine {
  private current: ReplicatedState;
  private applied: number;
  private backlog: Entry[] = [];
  /** Those before it are applied; they leave the array when they are the larger part of it. */
  private head = 0;
  private restoring: { readonly index: number; readonly steps: Restoring } | null = null;

  /** @param base restored at once: nobody waits for a replica that is not started */
  constructor(
    private readonly base: Snapshot | null,
    private readonly events: StateEvents,
  ) {
    this.current = base === null ? new ReplicatedState() : restoreStateAtOnce(base.image);
    this.applied = base?.index ?? 0;
  }

  get state(): ReplicatedState {
    return this.current;
  }

  /** The last entry that is in the state. */
  get index(): number {
    return this.applied;
  }

  /** The last entry that was committed; all up to it are in the state, or will be. */
  get committedIndex(): number {
    return this.backlog.at(-1)?.index ?? this.restoring?.index ?? this.applied;
  }

  /** Entries that are committed and not applied. */
  get waiting(): number {
    return this.backlog.length - this.head;
  }

  /** An image is taking the place of the state. */
  get isRestoring(): boolean {
    return this.restoring !== null;
  }

  get busy(): boolean {
    return this.restoring !== null || this.waiting > 0;
  }

  reading(query: Query): ReadReply {
    return readingOf(this.current, query, this.applied);
  }

  /** An image takes the place of the state, and of all that waits. */
  replace(snapshot: Snapshot): void {
    this.backlog = [];
    this.head = 0;
    // The first step hands out what the construction has restored.
    if (snapshot === this.base && this.applied === snapshot.index) this.events.restored(snapshot.index);
    else this.restoring = { index: snapshot.index, steps: restoreState(snapshot.image) };
  }

  commit(entries: readonly Entry[]): void {
    if (this.head * 2 >= this.backlog.length) {
      this.backlog = this.backlog.slice(this.head);
      this.head = 0;
    }
    for (const entry of entries) this.backlog.push(entry);
  }

  /** Does a part of what waits: a small one where something else may be ready any moment. */
  proceed(part: 'whole' | 'small'): void {
    if (this.restoring !== null) this.restoreOn(this.restoring);
    else this.applySome(part === 'whole' ? wholePart : this.smallPart);
  }

  private get smallPart(): typeof wholePart {
    const wanted = Math.max(smallPart.entries, Math.ceil(this.waiting * smallPart.ofWaiting));
    const entries = Math.min(wanted, wholePart.entries);
    return { entries, bytes: Math.min(entries * smallPart.entryBytes, wholePart.bytes) };
  }

  private restoreOn({ index, steps }: { readonly index: number; readonly steps: Restoring }): void {
    const step = steps.next();
    if (step.done !== true) return;
    this.current = step.value;
    this.applied = index;
    this.restoring = null;
    this.events.restored(index);
  }

  private applySome(most: { readonly entries: number; readonly bytes: number }): void {
    const { backlog } = this;
    const changes: Change[] = [];
    const end = Math.min(backlog.length, this.head + most.entries);
    let bytes = 0;
    while (this.head < end && bytes < most.bytes) {
      const entry = backlog[this.head++]!;
      this.applied = entry.index;
      bytes += entry.kind === 'command' ? entry.command.length : 0;
      this.apply(entry, changes);
    }
    if (changes.length > 0) this.events.changed(changes, bytes);
  }

  private apply(entry: Entry, changes: Change[]): void {
    if (entry.kind !== 'command') {
      this.events.applied(entry, null);
      return;
    }
    const applied = this.current.apply(entry, decodeProposal(entry.command));
    for (const change of applied.changes) changes.push(change);
    this.events.applied(entry, applied);
  }
}

import { type MemberId } from './configuration.js';
import { type Entry, type Snapshot } from './entry.js';

/** What must survive a restart beside the log (Raft, figure 2). */
export interface HardState {
  readonly term: number;
  readonly votedFor: MemberId | null;
  /** Not needed for safety; it makes a restart know at once what was committed. Never ahead of the log beside it. */
  readonly commit: number;
}

/**
 * One step's changes to what is durable: all of it or nothing. In this order: the snapshot is stored, entries up to
 * `compactTo` and entries from `truncateFrom` are removed, `append` is added, the hard state is replaced.
 */
export interface Write {
  /** 1, 2, 3, … within the life of a member's process; 0 for the base of a new group, before there is a member. */
  readonly sequence: number;
  readonly hardState?: HardState;
  readonly snapshot?: Snapshot;
  /** Entries with this index and below are no longer needed. */
  readonly compactTo?: number;
  /** Entries with this index and above are void. */
  readonly truncateFrom?: number;
  /** Consecutive; the first follows the last entry that is left. */
  readonly append: readonly Entry[];
}

/** All that is durable, as it is read at the start. */
export interface DurableState {
  readonly hardState: HardState;
  /** The base of the log; null in a store that was never written. */
  readonly snapshot: Snapshot | null;
  /** Those that follow the compaction; the first may lie below `snapshot.index`. */
  readonly entries: readonly Entry[];
}

/** Where a member keeps its log. One process at a time holds it. */
export interface LogStore {
  /** Made at random with the store: two stores never share it, and a lost one does not come back. */
  readonly storeId: string;
  /** Called once, before the first write. Rejects when what is stored is damaged. */
  load(): Promise<DurableState>;
  /**
   * Resolves once the write, and every earlier one, would survive a power failure. Several may be under way; they take
   * effect in the order of the calls. Once one has failed, this and every later one rejects: what is durable is unknown.
   */
  write(write: Write): Promise<void>;
  /**
   * Stores an image ahead of the write whose snapshot will have it (the very same array), in parts, so that the writes
   * of the meantime do not wait for all of it; that write is then a small one. One image at a time is kept so; one that
   * no write has taken goes with the next, or with the process. Rejects when this, or a write, has failed.
   */
  stage(image: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

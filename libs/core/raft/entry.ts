import { type Configuration } from './configuration.js';

interface EntryPosition {
  /** From 1. */
  readonly index: number;
  /** The term of the leader that created it. */
  readonly term: number;
}

/** One entry of the log. It never changes once it is made. */
export type Entry = EntryPosition &
  (
    | { readonly kind: 'command'; readonly command: Uint8Array }
    /** Commits the log of earlier terms (Raft, §8). */
    | { readonly kind: 'noop' }
    /** In force from the moment it is in the log, committed or not (dissertation, §4.1). */
    | { readonly kind: 'configuration'; readonly configuration: Configuration }
  );

/** The state after all entries up to `index`, which are no longer needed (Raft, §7). */
export interface Snapshot {
  /** 0 for the state before the first entry. */
  readonly index: number;
  readonly term: number;
  /** The configuration in force at `index`. */
  readonly configuration: Configuration;
  /** The state machine's image, opaque here. */
  readonly image: Uint8Array;
}

/** What an entry costs beside its command: index, term, framing. Without it, a million empty commands would be free. */
export const entryOverheadBytes = 32;

/** The size of an entry for all bounds in bytes; a little more than it takes on the wire. */
export const entryBytes = (entry: Entry): number =>
  entryOverheadBytes + (entry.kind === 'command' ? entry.command.length : 0);

import { type HardState } from '@nexus/core/raft';
import { type Bounds } from './log-bounds.js';

/** Of a member that never voted, in a log without entries. */
export const blankHardState: HardState = { term: 0, votedFor: null, commit: 0 };

/**
 * The one record that every transaction replaces. It says which entries of the records count: neither truncation nor
 * compaction rewrites a record that it cuts through, and a record that is missing at either end is noticed.
 */
export interface StoredHead {
  /** Transactions so far; also the version under which LMDB keeps this record. */
  readonly transaction: number;
  readonly hardState: HardState;
  readonly bounds: Bounds;
}

import { type Change } from './change.js';

/** The entry that is being applied: where it stands, when it is by the clock of the log, and what it changed so far. */
export interface Turn {
  readonly index: number;
  readonly term: number;
  readonly nowMs: number;
  /** Most of each kind that may end by its stamp; what is due beyond that counts as ended, and is cleared later. */
  readonly expiriesMax: number;
  readonly changes: Change[];
}

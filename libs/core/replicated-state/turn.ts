import { type Change } from './change.js';

/** The entry that is being applied: where it stands, when it is by the clock of the log, and what it changed so far. */
export interface Turn {
  readonly index: number;
  readonly term: number;
  readonly nowMs: number;
  readonly changes: Change[];
}

import { type LoadTable, type Outcome } from '@nexus/core/balancing';

/** What was known of an agent when a piece of work went out to it; made and read by the watch alone. */
export type WatchedWork = object;

/** Port: somebody who learns from how work goes at agents. It is told of all of it, and remembers what it wants. */
export interface WorkWatch {
  /**
   * Work goes out to an agent, and is in the table already.
   * @returns what is to be handed to `ended`; undefined when the watch does not want this one
   */
  began(table: LoadTable, slot: number, nowMs: number): WatchedWork | undefined;
  /** Work that it wanted came to its end, measured here. */
  ended(work: WatchedWork, outcome: Outcome, latencyMs: number): void;
}

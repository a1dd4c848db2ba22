/** Where a unit is: queued in the lane of its `agentId`, in flight, between two lanes, or settled for good. */
export type Place =
  { kind: 'nowhere' } | { kind: 'queued' } | { kind: 'in_flight'; dispatchId: number } | { kind: 'settled' };

/** One unit of work and its history. */
export interface WorkUnit {
  /** Index in `assignments`. */
  readonly index: number;
  /** Agents that it was sent to, without those that were not there. */
  attempts: number;
  /** The agent that has it, or had it last. */
  agentId: string;
  place: Place;
  /** Lives of agents (`Lane.life`) that refused it, left with it or were not there: not to be tried again. */
  readonly failedBy: Set<symbol>;
}

import type { AggregateState } from './aggregate-state.js';

/** What an aggregate came to. */
export interface AggregateResult<T = unknown> {
  value: T;
  /** Values that went into it. */
  sampleSize: number;
}

/** An aggregate that grows value by value, so that answers need not be kept until the last has come. */
export interface Aggregator<T = unknown> {
  /** Takes a value in; one that the aggregate cannot use is left out of `sampleSize`. */
  add(value: unknown): void;
  /** The aggregate of all values so far; may be asked at any time, and again. */
  result(): AggregateResult<T>;
  /** What it knows, for another of its kind to absorb; what is given out does not change any more. */
  state(): AggregateState;
  /**
   * Takes in what another of its kind knew, as if its values had been added here.
   * @returns false, and nothing is changed, for what no aggregator of the kind can have said: it may come from anybody
   */
  absorb(state: AggregateState): boolean;
}

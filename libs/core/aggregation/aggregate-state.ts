/**
 * All that an aggregator knows, as JSON, so that values that were brought together elsewhere can be absorbed without
 * being sent. Which fields it has depends on the aggregate.
 */
export interface AggregateState {
  /** Values that went in. */
  readonly n: number;
  /** Of a sum or a mean: the sum and what rounding took from it, then the same of huge values, scaled down. */
  readonly sums?: readonly number[] | undefined;
  /** Of a mean: the range of the values; absent of none. */
  readonly least?: number | undefined;
  readonly greatest?: number | undefined;
  /** Of a minimum or maximum; absent of none. */
  readonly extreme?: number | undefined;
  /** Of a histogram: the values themselves, as its buckets depend on the last of them. */
  readonly numbers?: readonly number[] | undefined;
  /** Of a majority: each kind of value, and how often it came. */
  readonly kinds?: readonly KindCount[] | undefined;
}

/** Equal values, counted. */
export interface KindCount {
  readonly value?: unknown;
  readonly count: number;
}

/** Whether it can be a number of values. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

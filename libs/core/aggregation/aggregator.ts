import { assertNever } from '@nexus/core/invariant';
import { HistogramAggregator } from './histogram.js';
import { MajorityAggregator } from './majority.js';
import { CountAggregator, ExtremeAggregator, MeanAggregator, SumAggregator } from './numeric.js';

export type AggregateName = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'histogram' | 'majority';

export interface AggregateResult<T = unknown> {
  kind: 'ok';
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
}

/** An empty aggregator. */
export function createAggregator(name: AggregateName): Aggregator {
  switch (name) {
    case 'count':
      return new CountAggregator();
    case 'sum':
      return new SumAggregator();
    case 'mean':
      return new MeanAggregator();
    case 'min':
      return new ExtremeAggregator(Math.min);
    case 'max':
      return new ExtremeAggregator(Math.max);
    case 'histogram':
      return new HistogramAggregator();
    case 'majority':
      return new MajorityAggregator();
    default:
      return assertNever(name);
  }
}

/**
 * Aggregates values.
 * - `count`: how many, whatever they are.
 * - `sum`: of the finite numbers; 0 of none; null when it is beyond the greatest double.
 * - `mean`, `min`, `max`: of the finite numbers; null of none.
 * - `histogram`: a `Histogram` of the finite numbers; null of none.
 * - `majority`: a `Majority`: the most frequent value; null of none.
 */
export function aggregate(name: AggregateName, values: readonly unknown[]): AggregateResult {
  const aggregator = createAggregator(name);
  for (const value of values) aggregator.add(value);
  return aggregator.result();
}

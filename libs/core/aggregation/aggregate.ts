import { assertNever } from '@nexus/core/invariant';
import type { Aggregator } from './aggregator.js';
import { HistogramAggregator } from './histogram.js';
import { MajorityAggregator } from './majority.js';
import { CountAggregator, ExtremeAggregator, MeanAggregator, SumAggregator } from './numeric.js';

export type AggregateName = 'count' | 'sum' | 'mean' | 'min' | 'max' | 'histogram' | 'majority';

/**
 * An empty aggregator.
 * - `count`: how many values, whatever they are.
 * - `sum`: of the finite numbers; 0 of none; null when it is beyond the greatest double.
 * - `mean`, `min`, `max`: of the finite numbers; null of none.
 * - `histogram`: a `Histogram` of the finite numbers; null of none.
 * - `majority`: a `Majority`: the most frequent value; null of none.
 */
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

export { createAggregator, type AggregateName } from './aggregate.js';
export type { AggregateState, KindCount } from './aggregate-state.js';
export type { AggregateResult, Aggregator } from './aggregator.js';
export { canonicalJson } from './canonical-json.js';
export type { Bucket, Histogram } from './histogram.js';
export type { Majority } from './majority.js';
export { resolvePointer, type Resolved } from './pointer.js';

import { type AggregateState } from './aggregate-state.js';
import type { AggregateResult, Aggregator } from './aggregator.js';
import { isFiniteNumber } from './numeric.js';

/** Values `from ≤ v < to`; in the last bucket of a histogram `v ≤ to`. */
export interface Bucket {
  from: number;
  to: number;
  count: number;
}

/** Counts in equally wide buckets from the least value to the greatest. */
export interface Histogram {
  min: number;
  max: number;
  /** 1 to 20. */
  buckets: Bucket[];
}

/** More than a terminal or a small chart can show adds nothing. */
const bucketsMax = 20;

/** Keeps the finite numbers: where the buckets lie is known only with the last of them. */
export class HistogramAggregator implements Aggregator<Histogram | null> {
  private readonly numbers: number[] = [];

  add(value: unknown): void {
    // The two zeros are one number here: of which sign an edge at zero is must not depend on how it was computed.
    if (isFiniteNumber(value)) this.numbers.push(value + 0);
  }

  result(): AggregateResult<Histogram | null> {
    return { value: histogramOf(this.numbers), sampleSize: this.numbers.length };
  }

  state(): AggregateState {
    return { n: this.numbers.length, numbers: [...this.numbers] };
  }

  absorb({ n, numbers = [] }: AggregateState): boolean {
    if (numbers.length !== n || !numbers.every(isFiniteNumber)) return false;
    for (const number of numbers) this.add(number);
    return true;
  }
}

function histogramOf(numbers: readonly number[]): Histogram | null {
  const sorted = Float64Array.from(numbers).sort();
  const min = sorted[0];
  const max = sorted[sorted.length - 1];
  if (min === undefined || max === undefined) return null;
  if (min === max) return { min, max, buckets: [{ from: min, to: max, count: sorted.length }] };
  const edges = distinctEdges(min, max, bucketCount(sorted));
  return { min, max, buckets: fill(sorted, edges) };
}

/**
 * The finer of Sturges' rule (good for few values) and Freedman and Diaconis' (good for many; it follows the spread
 * of the middle half), bounded. Widths are halved throughout, since max - min may be beyond the greatest double.
 */
function bucketCount(sorted: Float64Array): number {
  const size = sorted.length;
  const sturges = Math.ceil(Math.log2(size)) + 1;
  const halfSpread = halfDistance(sorted, Math.floor(size / 4), Math.floor((3 * size) / 4));
  const halfWidth = (2 * halfSpread) / Math.cbrt(size);
  const freedmanDiaconis = halfWidth > 0 ? Math.ceil(halfDistance(sorted, 0, size - 1) / halfWidth) : 0;
  return Math.min(bucketsMax, Math.max(1, sturges, freedmanDiaconis));
}

function halfDistance(sorted: Float64Array, from: number, to: number): number {
  return sorted[to]! / 2 - sorted[from]! / 2;
}

/** Edges of at most `count` equally wide buckets; fewer where so many would not have distinct edges. */
function distinctEdges(min: number, max: number, count: number): number[] {
  for (let buckets = count; buckets > 1; buckets--) {
    const edges = edgesOf(min, max, buckets);
    if (edges.every((edge, index) => index === 0 || edges[index - 1]! < edge)) return edges;
  }
  return [min, max];
}

function edgesOf(min: number, max: number, buckets: number): number[] {
  const edges: number[] = [];
  for (let index = 0; index <= buckets; index++) {
    const share = index / buckets;
    // A weighted mean of the ends: no difference that could overflow, and both ends exact.
    edges.push(min * (1 - share) + max * share);
  }
  return edges;
}

/** Counts by the edges themselves, so that what a bucket says and what it holds cannot disagree. */
function fill(sorted: Float64Array, edges: readonly number[]): Bucket[] {
  const buckets: Bucket[] = [];
  let start = 0;
  for (let index = 1; index < edges.length; index++) {
    const to = edges[index]!;
    let end = start;
    const last = index === edges.length - 1;
    while (end < sorted.length && (last || sorted[end]! < to)) end++;
    buckets.push({ from: edges[index - 1]!, to, count: end - start });
    start = end;
  }
  return buckets;
}

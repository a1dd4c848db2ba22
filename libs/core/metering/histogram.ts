import { assert } from '@nexus/core/invariant';

/** Six to a decade, each about 1.5 times the one before. */
const steps = [1, 1.5, 2, 3, 5, 7];

/**
 * Upper bounds of buckets from one power of ten to another, six to a decade: an estimate from them is off by less than
 * half of the true value, however widely the values are spread.
 */
export function bucketBounds(fromExponent: number, toExponent: number): readonly number[] {
  const bounds: number[] = [];
  for (let exponent = fromExponent; exponent < toExponent; exponent++) {
    for (const step of steps) bounds.push(timesTen(step, exponent));
  }
  bounds.push(timesTen(1, toExponent));
  return bounds;
}

/** Divides where a multiplication would leave 0.15000000000000002 for people to read. */
const timesTen = (step: number, exponent: number) =>
  exponent < 0 ? step / 10 ** -exponent : step * 10 ** exponent;

/**
 * How often which sizes of a value came, without the values: a count for each bucket. A value belongs to the first
 * bucket whose bound it does not exceed, and to one more bucket beyond the greatest bound.
 */
export class Histogram {
  /** One count a bucket; the last is of what exceeds every bound. */
  readonly counts: Float64Array;
  private summed = 0;

  /** @param bounds upper bounds, rising */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** The sum of the values. */
  get sum(): number {
    return this.summed;
  }

  /** @param value at least 0 */
  observe(value: number): void {
    assert(value >= 0, 'what is measured is a number, and not below 0');
    const { bounds } = this;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= bounds[middle]!) high = middle;
      else low = middle + 1;
    }
    this.counts[low]! += 1;
    this.summed += value;
  }
}

/**
 * Estimates a quantile from the counts of buckets: the value at that rank, were the values of its bucket spread evenly
 * by their logarithms, as latencies are. The estimate lies in the bucket of the true one; beyond the greatest bound it
 * is that bound. Null when nothing was counted.
 * @param share of the values that are to lie at or below it, above 0 and up to 1
 */
export function quantile(
  bounds: readonly number[],
  counts: Float64Array | readonly number[],
  share: number,
): number | null {
  assert(counts.length === bounds.length + 1, 'there is a bucket for each bound, and one beyond them');
  assert(share > 0 && share <= 1, 'a share of the values is above 0 and up to 1');
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return null;
  let rank = share * total;
  for (let at = 0; at < bounds.length; at++) {
    const count = counts[at]!;
    if (rank <= count && count > 0) return within(bounds[at - 1] ?? 0, bounds[at]!, rank / count);
    rank -= count;
  }
  return bounds.at(-1)!;
}

/** Below the first bound there is no logarithm to go by: 0 is there. */
const within = (low: number, high: number, share: number) =>
  low === 0 ? high * share : Math.min(high, low * (high / low) ** share);

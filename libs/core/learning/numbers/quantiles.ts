import { assert } from '@nexus/core/invariant';

/** Whether the numbers do not fall. */
function isSorted(values: ArrayLike<number>): boolean {
  for (let at = 1; at < values.length; at++) if (values[at]! < values[at - 1]!) return false;
  return true;
}

/**
 * The quantile of some numbers, linear between two of them (type 7 of Hyndman and Fan). They need not be sorted; when they
 * are, nothing is copied.
 * @param share of the numbers that are to lie at or below it, 0 to 1
 * @returns NaN when there is no number
 */
export function quantileOf(values: ArrayLike<number>, share: number): number {
  assert(share >= 0 && share <= 1, 'a quantile is of a share from 0 to 1');
  if (values.length === 0) return NaN;
  const sorted = isSorted(values) ? values : Float64Array.from(values).sort();
  const rank = share * (sorted.length - 1);
  const below = Math.floor(rank);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (rank - below);
}

/** The middle one of some numbers; of an even count, the mean of the two in the middle. NaN when there is none. */
export const medianOf = (values: ArrayLike<number>): number => quantileOf(values, 0.5);

/**
 * The numbers with those drawn in that are far out: what lies below the quantile at `share`, or above the one at
 * `1 - share`, becomes that quantile. Few wrong reports then pull as far as the outermost right ones, and no further.
 * @param share at each end, 0 to 0.5
 */
export function winsorised(values: ArrayLike<number>, share: number): Float64Array {
  assert(share >= 0 && share <= 0.5, 'at most half is drawn in at each end');
  const drawnIn = Float64Array.from(values);
  if (drawnIn.length === 0) return drawnIn;
  const sorted = drawnIn.slice().sort();
  const low = quantileOf(sorted, share);
  const high = quantileOf(sorted, 1 - share);
  return drawnIn.map((value) => Math.min(high, Math.max(low, value)));
}

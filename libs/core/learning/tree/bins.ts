import { countBelow } from '../numbers/searching.js';
import { type Samples } from '../samples/samples.js';

/** What the number of a bin fits into. */
export const binsMaxOf = 256;

/** The values of all features as numbers of bins. */
export interface Bins {
  /** Of each feature, between bins: what is at most the k-th of them and above the one before is in bin k. Rising. */
  readonly thresholds: readonly Float64Array[];
  /** Of each feature, the bin of each sample. */
  readonly indexes: readonly Uint8Array[];
  /** Of each feature, whether a bin may hold different values. */
  readonly areCoarse: readonly boolean[];
}

/**
 * Bins that hold about equally many samples each; when there are no more distinct values than bins, one bin a value. A
 * threshold is the middle between two values that occur, so it says the same of both as it would of them exactly.
 * @param rows the samples that count
 */
export function binned(samples: Samples, rows: Int32Array, binsMax: number): Bins {
  const thresholds: Float64Array[] = [];
  const indexes: Uint8Array[] = [];
  const areCoarse: boolean[] = [];
  const column = new Float64Array(rows.length);
  const { values, width } = samples;
  for (let feature = 0; feature < width; feature++) {
    for (let at = 0; at < rows.length; at++) column[at] = values[rows[at]! * width + feature]!;
    column.sort();
    const distinct = distinctIn(column);
    const bounds = thresholdsOf(column, distinct, binsMax);
    const bins = new Uint8Array(samples.size);
    for (const row of rows) bins[row] = countBelow(bounds, values[row * width + feature]!);
    thresholds.push(bounds);
    indexes.push(bins);
    areCoarse.push(distinct > binsMax);
  }
  return { thresholds, indexes, areCoarse };
}

function distinctIn(sorted: Float64Array): number {
  let distinct = 0;
  for (let at = 0; at < sorted.length; at++) if (at === 0 || sorted[at]! > sorted[at - 1]!) distinct += 1;
  return distinct;
}

function thresholdsOf(sorted: Float64Array, distinct: number, binsMax: number): Float64Array {
  const bounds: number[] = [];
  /** How many samples a bin takes in before it is closed at the next change of value. */
  const fill = distinct <= binsMax ? 1 : sorted.length / binsMax;
  for (let at = 1; at < sorted.length && bounds.length < binsMax - 1; at++) {
    const [below, above] = [sorted[at - 1]!, sorted[at]!];
    if (above > below && at >= fill * (bounds.length + 1)) bounds.push(between(below, above));
  }
  return Float64Array.from(bounds);
}

/** The middle of two values; the lower one when rounding leaves nothing between them. */
export function between(below: number, above: number): number {
  const middle = below + (above - below) / 2;
  return middle < above ? middle : below;
}

import { between } from './bins.js';

/** One feature of some samples, and their targets. */
export interface Candidates {
  /** Samples between which the question may part, in any order. */
  readonly rows: Int32Array;
  readonly valueOf: (row: number) => number;
  /** `row * channels`, … */
  readonly targets: Float64Array;
  readonly channels: number;
}

/** What is certain on either side of the candidates. */
export interface Around {
  /** Sums and count of the samples that go left of all candidates. */
  readonly leftSums: Float64Array;
  readonly leftCount: number;
  /** The same of the whole node. */
  readonly allSums: Float64Array;
  readonly allCount: number;
  readonly leafMin: number;
}

/**
 * The best threshold between some candidates, one by one: bins say about where it is, this says it exactly. Undefined when
 * none of them leaves `leafMin` samples on either side.
 */
export function refinedThreshold(candidates: Candidates, around: Around): number | undefined {
  const { valueOf, targets, channels } = candidates;
  const { allSums, allCount, leafMin } = around;
  const rows = [...candidates.rows].sort((a, b) => valueOf(a) - valueOf(b));
  const sums = around.leftSums.slice();
  let count = around.leftCount;
  let best = -Infinity;
  let threshold: number | undefined;
  for (let at = 0; at < rows.length - 1; at++) {
    const row = rows[at]!;
    for (let channel = 0; channel < channels; channel++) sums[channel]! += targets[row * channels + channel]!;
    count += 1;
    const [value, next] = [valueOf(row), valueOf(rows[at + 1]!)];
    if (next <= value || count < leafMin || allCount - count < leafMin) continue;
    const score = scoreOf(sums, count, allSums, allCount);
    if (score <= best) continue;
    best = score;
    threshold = between(value, next);
  }
  return threshold;
}

/** Over the channels (sum)² ÷ samples, left and right. */
export function scoreOf(leftSums: Float64Array, leftCount: number, allSums: Float64Array, allCount: number) {
  let left = 0;
  let right = 0;
  for (let channel = 0; channel < leftSums.length; channel++) {
    const sum = leftSums[channel]!;
    const rest = allSums[channel]! - sum;
    left += sum * sum;
    right += rest * rest;
  }
  return left / leftCount + right / (allCount - leftCount);
}

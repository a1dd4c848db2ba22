/*
 * All samples at once: the line with the least squared error, its weights held back a little. The holding back is what
 * makes it work for features that say the same twice, or nothing.
 */
import { assert } from '@nexus/core/invariant';
import { clipped, isAdmissible } from '../numbers/admissible.js';
import { sigmaOfMad } from '../numbers/normal.js';
import { medianOf } from '../numbers/quantiles.js';
import { type Samples } from '../samples/samples.js';
import { Standardiser } from '../standardising/standardiser.js';
import { factorise, solve } from './cholesky.js';
import { LinearModel } from './linear-model.js';

export interface RidgeOptions {
  /** How much weights are held back: like so many samples that speak for 0. Default 1. */
  readonly lambda?: number;
  /** Whether errors count by Huber's measure instead of their square, so that liars pull only so far. Default false. */
  readonly isRobust?: boolean;
}

/** Rounds of drawing in the targets; each brings what is left of the pull of outliers down by a good half. */
const robustRounds = 25;
/** Robust deviations beyond which an error counts linearly; 95 % as efficient as squares when errors are normal. */
const huberBound = 1.345;
/** The least holding back, as a share of the samples: far above rounding, far below what is seen in a prediction. */
const lambdaShareMin = 1e-8;

/** The samples in deviations, and the triangle that every right side is solved with. */
interface Design {
  readonly rows: Float64Array;
  readonly factor: Float64Array;
  readonly size: number;
  readonly width: number;
}

/**
 * Fits a linear model by ridge regression (A. Hoerl, R. Kennard, Technometrics 12 (1970)) on standardised features. It never
 * fails: constant, equal or dependent columns share or lose their weight. Samples whose target is not admissible are left
 * out; with none left the model says 0.
 * @param targets one a sample
 */
export function fitRidge(
  samples: Samples,
  targets: ArrayLike<number>,
  { lambda = 1, isRobust = false }: RidgeOptions = {},
): LinearModel {
  assert(targets.length === samples.size, 'there is one target a sample');
  assert(lambda >= 0, 'weights are held back, not driven');
  const usable = usableRows(samples, targets);
  const wanted = Float64Array.from(usable, (row) => targets[row]!);
  const standardiser = new Standardiser(samples.width);
  for (const row of usable) standardiser.observe(samples.rowAt(row));
  const design = designOf(samples, usable, standardiser, lambda);
  const fit = solved(design, wanted);
  if (isRobust) for (let round = 0; round < robustRounds; round++) refit(design, wanted, fit);
  const features = Array.from({ length: samples.width }, (_, at) => at);
  return new LinearModel({
    samples: usable.length,
    intercept: fit.intercept,
    weights: fit.weights,
    means: Float64Array.from(features, (at) => standardiser.meanAt(at)),
    scales: Float64Array.from(features, (at) => inverse(standardiser.deviationAt(at))),
  });
}

interface Fit {
  intercept: number;
  weights: Float64Array;
}

const inverse = (deviation: number) => (deviation === 0 ? 0 : 1 / deviation);

function usableRows(samples: Samples, targets: ArrayLike<number>): Int32Array {
  const usable = new Int32Array(samples.size);
  let count = 0;
  for (let row = 0; row < samples.size; row++) if (isAdmissible(targets[row])) usable[count++] = row;
  return usable.subarray(0, count);
}

/** One more column, of ones, carries the intercept; it is not held back. */
function designOf(samples: Samples, usable: Int32Array, standardiser: Standardiser, lambda: number): Design {
  const width = samples.width + 1;
  const size = usable.length;
  const rows = new Float64Array(size * width);
  for (let at = 0; at < size; at++) {
    const row = rows.subarray(at * width, (at + 1) * width);
    standardiser.standardise(samples.rowAt(usable[at]!), row);
    row[width - 1] = 1;
  }
  const factor = new Float64Array(width * width);
  for (let from = 0; from < rows.length; from += width) {
    for (let i = 0; i < width; i++) {
      const value = rows[from + i]!;
      for (let j = 0; j <= i; j++) factor[i * width + j]! += value * rows[from + j]!;
    }
  }
  const heldBack = Math.max(lambda, lambdaShareMin * Math.max(1, size));
  for (let i = 0; i < width - 1; i++) factor[i * width + i]! += heldBack;
  factorise(factor, width, lambdaShareMin * Math.max(1, size));
  return { rows, factor, size, width };
}

/** The best weights for some targets. The mean is taken off first, so that a far away level costs no digits. */
function solved({ rows, factor, size, width }: Design, targets: Float64Array): Fit {
  let mean = 0;
  for (let at = 0; at < size; at++) mean += (targets[at]! - mean) / (at + 1);
  const right = new Float64Array(width);
  for (let at = 0; at < size; at++) {
    const target = targets[at]! - mean;
    for (let i = 0; i < width; i++) right[i]! += target * rows[at * width + i]!;
  }
  solve(factor, width, right);
  return { intercept: mean + right[width - 1]!, weights: right.slice(0, width - 1) };
}

/**
 * Draws in the targets that are far from what is predicted, and fits to what they became. Its fixed point is the least of
 * Huber's measure (P. Huber, "Robust Statistics" (1981), 7.8: modified residuals), and the triangle stays the same.
 */
function refit(design: Design, targets: Float64Array, fit: Fit): void {
  const { rows, width } = design;
  const predictions = targets.map((_, at) => {
    let sum = fit.intercept;
    for (let i = 0; i < width - 1; i++) sum += fit.weights[i]! * rows[at * width + i]!;
    return sum;
  });
  const scale = sigmaOfMad * medianOf(targets.map((target, at) => Math.abs(target - predictions[at]!)));
  const bound = huberBound * scale;
  const drawnIn = targets.map((target, at) => predictions[at]! + clipped(target - predictions[at]!, bound));
  Object.assign(fit, solved(design, drawnIn));
}

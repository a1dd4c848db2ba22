import { assert } from '@nexus/core/invariant';
import { areAdmissible, clipped, magnitudeMax } from '../numbers/admissible.js';
import { fieldsOf, figuresOf, isFigure, isWhole } from '../snapshots/reading.js';
import { deviationsMax } from '../standardising/standardiser.js';

/** A linear model as JSON; all lists have one number a feature. */
export interface LinearSnapshot {
  readonly format: 'linear/1';
  /** Samples that it was fitted to. */
  readonly samples: number;
  readonly intercept: number;
  /** In the unit of the target, for one deviation of the feature. */
  readonly weights: readonly number[];
  readonly means: readonly number[];
  /** What a distance from the mean is multiplied with to be in deviations; 0 for a feature that was constant. */
  readonly scales: readonly number[];
}

const format = 'linear/1';
/** Wider than any of ours, and small enough that a stored one cannot make a process run out of memory. */
const widthMax = 4_096;
/** The inverse of the least deviation that does not count as none. */
const scaleMax = 1e141;

/** The parts of a linear model, each with one number a feature. */
export interface LinearParts {
  readonly samples: number;
  readonly intercept: number;
  readonly weights: Float64Array;
  readonly means: Float64Array;
  readonly scales: Float64Array;
}

/** A weighted sum of features, each in deviations and at most 8 of them. */
export class LinearModel {
  readonly width: number;

  constructor(private readonly parts: LinearParts) {
    this.width = parts.weights.length;
    assert(
      parts.means.length === this.width && parts.scales.length === this.width,
      'each feature has a weight, a mean and a scale',
    );
  }

  /** Samples that it was fitted to. */
  get samples(): number {
    return this.parts.samples;
  }

  /** In the unit of the target, at most 1e12 in magnitude. NaN when features are not admissible, or too many or too few. */
  predict(features: ArrayLike<number>): number {
    return areAdmissible(features, this.width) ? this.predictRow(features, 0) : NaN;
  }

  /** As `predict`, of the features that begin at `from` in rows that are known to be admissible. */
  predictRow(rows: ArrayLike<number>, from: number): number {
    const { weights, means, scales, intercept } = this.parts;
    let sum = intercept;
    for (let at = 0; at < this.width; at++) {
      sum += weights[at]! * clipped((rows[from + at]! - means[at]!) * scales[at]!, deviationsMax);
    }
    return clipped(sum, magnitudeMax);
  }

  snapshot(): LinearSnapshot {
    const { samples, intercept, weights, means, scales } = this.parts;
    return { format, samples, intercept, weights: [...weights], means: [...means], scales: [...scales] };
  }
}

/** The model that a snapshot tells; undefined when it is malformed. */
export function linearModelOf(snapshot: unknown): LinearModel | undefined {
  const fields = fieldsOf(snapshot);
  if (fields?.['format'] !== format || !Array.isArray(fields['weights'])) return undefined;
  const { samples, intercept } = fields;
  const width = fields['weights'].length;
  if (!isWhole(width, 1, widthMax)) return undefined;
  const weights = figuresOf(fields['weights'], width);
  const means = figuresOf(fields['means'], width);
  const scales = figuresOf(fields['scales'], width, scaleMax);
  if (weights === undefined || means === undefined || scales === undefined) return undefined;
  if (!isWhole(samples, 0, Number.MAX_SAFE_INTEGER) || !isFigure(intercept)) return undefined;
  if (scales.some((scale) => scale < 0)) return undefined;
  return new LinearModel({ samples, intercept, weights, means, scales });
}

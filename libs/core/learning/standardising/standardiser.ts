/*
 * Features come in all sizes: milliseconds, shares, bytes. A step of gradient descent that is right for one is wild for
 * another. So each is told in its own standard deviations from its own mean, both learnt as the samples come. A value far
 * out counts as 8 deviations and no more, when it is used and when it is learnt from.
 */
import { assert } from '@nexus/core/invariant';
import { clipped } from '../numbers/admissible.js';
import { fieldsOf, figuresOf, isWhole } from '../snapshots/reading.js';

/** Deviations beyond which a value counts as this far out. */
export const deviationsMax = 8;
/** Samples before a deviation is known well enough to judge by it who is far out. */
const warmUp = 20;
/** Below, a feature counts as constant; the root of it still has an inverse that is finite. */
const varianceMin = 1e-280;

/** A standardiser as JSON. */
export interface StandardiserSnapshot {
  readonly count: number;
  readonly means: readonly number[];
  readonly variances: readonly number[];
}

export class Standardiser {
  private readonly means: Float64Array;
  private readonly variances: Float64Array;
  /** What a distance from the mean is multiplied with; 0 for a constant feature. */
  private readonly scales: Float64Array;
  private seen = 0;

  /**
   * @param width features a sample
   * @param memory samples after which the oldest fade; without it all count alike
   */
  constructor(
    readonly width: number,
    private readonly memory = Infinity,
  ) {
    assert(Number.isInteger(width) && width >= 1, 'there is a feature to standardise');
    this.means = new Float64Array(width);
    this.variances = new Float64Array(width);
    this.scales = new Float64Array(width);
  }

  /** Samples that were observed. */
  get count(): number {
    return this.seen;
  }

  /** Takes in a sample of admissible numbers (B. Welford, Technometrics 4 (1962), in the form that can forget). */
  observe(sample: ArrayLike<number>): void {
    if (this.seen < Number.MAX_SAFE_INTEGER) this.seen += 1;
    const weight = 1 / Math.min(this.seen, this.memory);
    for (let at = 0; at < this.width; at++) this.observeAt(at, sample[at]!, weight);
  }

  /** Writes the sample in deviations to `out`, each from -8 to 8; a feature that never changed becomes 0. */
  standardise(sample: ArrayLike<number>, out: Float64Array): void {
    for (let at = 0; at < this.width; at++) out[at] = this.standardisedAt(at, sample[at]!);
  }

  /** One feature in deviations. */
  standardisedAt(feature: number, value: number): number {
    if (this.scales[feature] === 0) return 0;
    return clipped((value - this.means[feature]!) * this.scales[feature]!, deviationsMax);
  }

  meanAt(feature: number): number {
    return this.means[feature]!;
  }

  /** The standard deviation; 0 when the feature counts as constant. */
  deviationAt(feature: number): number {
    const variance = this.variances[feature]!;
    return variance < varianceMin ? 0 : Math.sqrt(variance);
  }

  snapshot(): StandardiserSnapshot {
    return { count: this.seen, means: [...this.means], variances: [...this.variances] };
  }

  /** Undefined when `snapshot` is not one of that width. */
  static restore(snapshot: unknown, width: number, memory = Infinity): Standardiser | undefined {
    const fields = fieldsOf(snapshot);
    if (fields === undefined) return undefined;
    const { count } = fields;
    const means = figuresOf(fields['means'], width);
    const variances = figuresOf(fields['variances'], width);
    if (!isWhole(count, 0, Number.MAX_SAFE_INTEGER) || means === undefined || variances === undefined) {
      return undefined;
    }
    if (variances.some((variance) => variance < 0)) return undefined;
    const restored = new Standardiser(width, memory);
    restored.seen = count;
    restored.means.set(means);
    restored.variances.set(variances);
    for (let at = 0; at < width; at++) restored.rescale(at);
    return restored;
  }

  private observeAt(at: number, value: number, weight: number): void {
    const mean = this.means[at]!;
    const deviation = this.deviationAt(at);
    // Where all were equal so far nothing says what is far out, and the first that differs must be heard.
    const isKnown = this.seen > warmUp && deviation > 0;
    const difference = isKnown ? clipped(value - mean, deviationsMax * deviation) : value - mean;
    const moved = mean + weight * difference;
    this.means[at] = moved;
    const square = difference * (mean + difference - moved);
    const variance = this.variances[at]!;
    // Rounding may leave a hair below 0.
    this.variances[at] = Math.max(0, variance + weight * (square - variance));
    this.rescale(at);
  }

  private rescale(at: number): void {
    const deviation = this.deviationAt(at);
    this.scales[at] = deviation === 0 ? 0 : 1 / deviation;
  }
}

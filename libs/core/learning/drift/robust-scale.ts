import { assert } from '@nexus/core/invariant';
import { sigmaOfMad } from '../numbers/normal.js';
import { countBelow } from '../numbers/searching.js';

/** What makes a mean absolute deviation an estimate of the standard deviation, were the numbers normal. */
const sigmaOfMeanDeviation = Math.sqrt(Math.PI / 2);

/**
 * Middle and width of the latest numbers, neither of which a few wrong ones can move far: the median, and the median
 * distance from it. The latest are kept sorted, so that a number costs one search and one move within a small array.
 */
export class RobustScale {
  private readonly sorted: Float64Array;
  /** The same numbers in the order in which they came, round and round. */
  private readonly latest: Float64Array;
  private count = 0;
  private next = 0;
  private sigmaKnown: number | undefined;

  /** @param window numbers that are kept */
  constructor(readonly window = 256) {
    assert(Number.isInteger(window) && window >= 3, 'a window holds three numbers at least');
    this.sorted = new Float64Array(window);
    this.latest = new Float64Array(window);
  }

  /** Numbers that are kept now. */
  get size(): number {
    return this.count;
  }

  /** @param value admissible */
  add(value: number): void {
    if (this.count === this.window) this.remove(this.latest[this.next]!);
    const place = countBelow(this.sorted, value, this.count);
    this.sorted.copyWithin(place + 1, place, this.count);
    this.sorted[place] = value;
    this.count += 1;
    this.latest[this.next] = value;
    this.next = (this.next + 1) % this.window;
    this.sigmaKnown = undefined;
  }

  clear(): void {
    this.count = 0;
    this.next = 0;
    this.sigmaKnown = undefined;
  }

  /** 0 when there is no number. */
  get median(): number {
    if (this.count === 0) return 0;
    const low = this.sorted[(this.count - 1) >>> 1]!;
    return low + (this.sorted[this.count >>> 1]! - low) / 2;
  }

  /**
   * The standard deviation as the median distance tells it. Where more than half of the numbers are equal the mean distance
   * tells it; where all are, it is a billionth of them, so that it can be divided by.
   */
  get sigma(): number {
    return (this.sigmaKnown ??= this.computeSigma());
  }

  private computeSigma(): number {
    const { median } = this;
    const byMedian = sigmaOfMad * this.medianDistance(median);
    const floor = 1e-9 * Math.max(1e-9, Math.abs(median));
    if (byMedian > floor) return byMedian;
    let sum = 0;
    for (let at = 0; at < this.count; at++) sum += Math.abs(this.sorted[at]! - median);
    return Math.max(floor, this.count === 0 ? 0 : (sigmaOfMeanDeviation * sum) / this.count);
  }

  /** Distances rise from the median to both ends: the nearest half of them is walked through, outwards. */
  private medianDistance(median: number): number {
    const { sorted, count } = this;
    if (count === 0) return 0;
    let below = (count - 1) >>> 1;
    let above = below + 1;
    let distance = 0;
    for (let taken = 0; taken <= (count - 1) >>> 1; taken++) {
      const downwards = below >= 0 ? median - sorted[below]! : Infinity;
      const upwards = above < count ? sorted[above]! - median : Infinity;
      distance = Math.min(downwards, upwards);
      if (downwards <= upwards) below -= 1;
      else above += 1;
    }
    return distance;
  }

  private remove(value: number): void {
    const place = countBelow(this.sorted, value, this.count);
    this.sorted.copyWithin(place, place + 1, this.count);
    this.count -= 1;
  }
}

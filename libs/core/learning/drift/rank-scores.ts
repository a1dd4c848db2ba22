import { assert } from '@nexus/core/invariant';
import { countBelow, countUpTo } from '../numbers/searching.js';

/** What makes ranks between -1 and 1 have a deviation of 1, were all numbers different. */
const spread = Math.sqrt(3);
/** The least deviation that is reckoned with: where all numbers are equal, any other one is far out. */
const deviationMin = 0.25;

/**
 * Where numbers stand among those that were usual, in deviations. Such a score has the same law whatever law the numbers have,
 * heavy tails, two humps or not: what is told of it by chance is known beforehand.
 */
export class RankScores {
  private readonly sorted: Float64Array;
  private readonly scale: number;

  /** @param usual one number at least; none is NaN */
  constructor(usual: Float64Array) {
    assert(usual.length > 0, 'something is usual');
    this.sorted = usual.slice().sort();
    // Equal numbers share a rank, and so have less to vary by.
    const squares = usual.reduce((sum, value) => sum + this.rankOf(value) ** 2, 0);
    this.scale = spread / Math.max(deviationMin, spread * Math.sqrt(squares / usual.length));
  }

  /** About 0 in the middle; a deviation of 1 where nothing has changed. */
  of(value: number): number {
    return this.scale * this.rankOf(value);
  }

  /** -1 below all, 1 above all; among equal ones in the middle of them. */
  private rankOf(value: number): number {
    return (countBelow(this.sorted, value) + countUpTo(this.sorted, value)) / this.sorted.length - 1;
  }
}

import { assert } from '@nexus/core/invariant';
import { areAdmissible } from '../numbers/admissible.js';

/**
 * Rows of numbers of one width, in the order in which they were added, in one flat array. Only what is admissible gets in,
 * so that nothing that is learnt from them needs to look again.
 */
export class Samples {
  private flat: Float64Array;
  private rows = 0;

  /**
   * @param width numbers a row
   * @param capacityMax rows that are kept at most; room for them is taken as they come
   */
  constructor(
    readonly width: number,
    readonly capacityMax = 1_000_000,
  ) {
    assert(Number.isInteger(width) && width >= 1, 'a row holds at least one number');
    assert(Number.isInteger(capacityMax) && capacityMax >= 1, 'there is room for at least one row');
    this.flat = new Float64Array(width * Math.min(capacityMax, 64));
  }

  /** How many rows there are. */
  get size(): number {
    return this.rows;
  }

  /** The rows one after the other; what lies beyond `size * width` is no row. Valid until the next `add`. */
  get values(): Float64Array {
    return this.flat;
  }

  /** False, and nothing is kept, when a number is not admissible, there are more or fewer than `width`, or no room is left. */
  add(row: ArrayLike<number>): boolean {
    if (!areAdmissible(row, this.width) || this.rows === this.capacityMax) return false;
    const from = this.rows * this.width;
    if (from === this.flat.length) this.grow();
    for (let at = 0; at < this.width; at++) this.flat[from + at] = row[at]!;
    this.rows += 1;
    return true;
  }

  /** A view of one row, valid until the next `add`. */
  rowAt(index: number): Float64Array {
    assert(index >= 0 && index < this.rows, 'there is such a row');
    return this.flat.subarray(index * this.width, (index + 1) * this.width);
  }

  /** A copy of the rows from `from` up to but without `to`. */
  slice(from: number, to: number): Samples {
    assert(from >= 0 && from <= to && to <= this.rows, 'a slice lies within the rows');
    const part = new Samples(this.width, Math.max(1, to - from));
    part.flat = this.flat.slice(from * this.width, Math.max(to, from + 1) * this.width);
    part.rows = to - from;
    return part;
  }

  /** A copy of the rows at `indexes`, in their order. */
  pick(indexes: ArrayLike<number>): Samples {
    const part = new Samples(this.width, Math.max(1, indexes.length));
    part.flat = new Float64Array(this.width * Math.max(1, indexes.length));
    for (let at = 0; at < indexes.length; at++) part.flat.set(this.rowAt(indexes[at]!), at * this.width);
    part.rows = indexes.length;
    return part;
  }

  private grow(): void {
    const wider = new Float64Array(this.width * Math.min(this.capacityMax, this.rows * 2));
    wider.set(this.flat);
    this.flat = wider;
  }
}

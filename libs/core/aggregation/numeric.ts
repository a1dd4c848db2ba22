import { type AggregateState, isCount } from './aggregate-state.js';
import type { AggregateResult, Aggregator } from './aggregator.js';
import { CompensatedSum, isSumState } from './compensated-sum.js';

/** Whether a value is a number to calculate with; text that looks like one is not. */
export function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** How many values came, of any kind. */
export class CountAggregator implements Aggregator<number> {
  private values = 0;

  add(): void {
    this.values++;
  }

  result(): AggregateResult<number> {
    return { value: this.values, sampleSize: this.values };
  }

  state(): AggregateState {
    return { n: this.values };
  }

  absorb({ n }: AggregateState): boolean {
    if (!isCount(n)) return false;
    this.values += n;
    return true;
  }
}

/** Sum of the finite numbers; null when it is beyond the greatest double, since JSON has no infinity. */
export class SumAggregator implements Aggregator<number | null> {
  private readonly sum = new CompensatedSum();
  private numbers = 0;

  add(value: unknown): void {
    if (!isFiniteNumber(value)) return;
    this.sum.add(value);
    this.numbers++;
  }

  result(): AggregateResult<number | null> {
    const sum = this.sum.dividedBy(1);
    return { value: Number.isFinite(sum) ? sum : null, sampleSize: this.numbers };
  }

  state(): AggregateState {
    return { n: this.numbers, sums: this.sum.state };
  }

  absorb({ n, sums }: AggregateState): boolean {
    if (!isCount(n) || !isSumState(sums, n)) return false;
    this.sum.absorb(sums);
    this.numbers += n;
    return true;
  }
}

/** Mean of the finite numbers; always between the least and the greatest. */
export class MeanAggregator implements Aggregator<number | null> {
  private readonly sum = new CompensatedSum();
  private numbers = 0;
  private least = Infinity;
  private greatest = -Infinity;

  add(value: unknown): void {
    if (!isFiniteNumber(value)) return;
    this.sum.add(value);
    this.numbers++;
    this.least = Math.min(this.least, value);
    this.greatest = Math.max(this.greatest, value);
  }

  result(): AggregateResult<number | null> {
    if (this.numbers === 0) return { value: null, sampleSize: 0 };
    // The last rounding may step over an end of the range by one unit in the last place.
    const mean = Math.min(this.greatest, Math.max(this.least, this.sum.dividedBy(this.numbers)));
    return { value: mean, sampleSize: this.numbers };
  }

  state(): AggregateState {
    const { numbers: n, least, greatest } = this;
    return n === 0 ? { n } : { n, sums: this.sum.state, least, greatest };
  }

  absorb({ n, sums, least, greatest }: AggregateState): boolean {
    if (n === 0) return true;
    if (!isCount(n) || !isSumState(sums, n) || !isFiniteNumber(least) || !isFiniteNumber(greatest))
      return false;
    if (least > greatest) return false;
    this.sum.absorb(sums);
    this.numbers += n;
    this.least = Math.min(this.least, least);
    this.greatest = Math.max(this.greatest, greatest);
    return true;
  }
}

/** Least or greatest of the finite numbers. */
export class ExtremeAggregator implements Aggregator<number | null> {
  private extreme: number | null = null;
  private numbers = 0;

  /** @param choose the one of two numbers to keep */
  constructor(private readonly choose: (a: number, b: number) => number) {}

  add(value: unknown): void {
    if (!isFiniteNumber(value)) return;
    this.extreme = this.extreme === null ? value : this.choose(this.extreme, value);
    this.numbers++;
  }

  result(): AggregateResult<number | null> {
    return { value: this.extreme, sampleSize: this.numbers };
  }

  state(): AggregateState {
    return this.extreme === null ? { n: 0 } : { n: this.numbers, extreme: this.extreme };
  }

  absorb({ n, extreme }: AggregateState): boolean {
    if (n === 0) return true;
    if (!isCount(n) || !isFiniteNumber(extreme)) return false;
    this.add(extreme);
    this.numbers += n - 1;
    return true;
  }
}

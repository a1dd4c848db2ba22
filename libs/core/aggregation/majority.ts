import { type AggregateState, isCount } from './aggregate-state.js';
import type { AggregateResult, Aggregator } from './aggregator.js';
import { canonicalJson } from './canonical-json.js';

/** The most frequent value. */
export interface Majority {
  value: unknown;
  count: number;
  /** Of all values, 0 to 1. */
  share: number;
  /** Present when other values are as frequent: then `value` is the first of them in canonical order. */
  tie?: true;
}

/** Counts equal values; equal means the same JSON, whatever the order of the keys. */
export class MajorityAggregator implements Aggregator<Majority | null> {
  private readonly seen = new Map<string, { value: unknown; count: number }>();
  private values = 0;

  add(value: unknown): void {
    this.addTimes(value, 1);
  }

  result(): AggregateResult<Majority | null> {
    return { value: this.majority(), sampleSize: this.values };
  }

  state(): AggregateState {
    return { n: this.values, kinds: [...this.seen.values()].map((kind) => ({ ...kind })) };
  }

  absorb({ n, kinds = [] }: AggregateState): boolean {
    if (!isCount(n) || !kinds.every(({ count }) => isCount(count) && count > 0)) return false;
    if (kinds.reduce((sum, { count }) => sum + count, 0) !== n) return false;
    for (const { value = null, count } of kinds) this.addTimes(value, count);
    return true;
  }

  private addTimes(value: unknown, times: number): void {
    this.values += times;
    const text = canonicalJson(value);
    const entry = this.seen.get(text);
    if (entry) entry.count += times;
    else this.seen.set(text, { value, count: times });
  }

  private majority(): Majority | null {
    let best: { text: string; value: unknown; count: number } | null = null;
    let tie = false;
    for (const [text, { value, count }] of this.seen) {
      if (best !== null && count < best.count) continue;
      tie = best?.count === count;
      if (best === null || count > best.count || text < best.text) best = { text, value, count };
    }
    if (best === null) return null;
    const { value, count } = best;
    return { value, count, share: count / this.values, ...(tie ? { tie } : {}) };
  }
}

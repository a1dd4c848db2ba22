import { assert } from '@nexus/core/invariant';

export interface ItemCount {
  readonly item: string;
  readonly count: number;
}

/**
 * Counts how often items come in bounded space, so that the most frequent are known however many there are. Each has a
 * counter while there is room; when there is none, the median of the counters is taken off all, and those that are used
 * up go. Whoever comes often outlasts this; whoever came seldom makes room.
 */
export class FrequentItems {
  private readonly counters = new Map<string, number>();
  private offEach = 0;

  /** @param itemsMax counters that are kept */
  constructor(private readonly itemsMax: number) {
    assert(Number.isInteger(itemsMax) && itemsMax >= 2, 'there are two counters at least');
  }

  get size(): number {
    return this.counters.size;
  }

  /** How much less than the truth a count may be, at most; a count is never more than the truth. */
  get shortfallMax(): number {
    return this.offEach;
  }

  add(item: string, times = 1): void {
    this.counters.set(item, (this.counters.get(item) ?? 0) + times);
    if (this.counters.size > this.itemsMax) this.makeRoom();
  }

  /** Takes in what another one counted. */
  merge(other: FrequentItems): void {
    for (const [item, count] of other.counters) this.add(item, count);
    this.offEach += other.offEach;
  }

  /** The most frequent, the greatest count first, equals by name. */
  top(itemsMax: number): ItemCount[] {
    return [...this.counters]
      .map(([item, count]) => ({ item, count }))
      .sort((a, b) => b.count - a.count || (a.item < b.item ? -1 : 1))
      .slice(0, itemsMax);
  }

  /** At least half of the counters lose as much as the median, so that what is lost is soon a small part of the whole. */
  private makeRoom(): void {
    const sorted = Float64Array.from(this.counters.values()).sort();
    const median = sorted[sorted.length >>> 1]!;
    for (const [item, count] of this.counters) {
      if (count > median) this.counters.set(item, count - median);
      else this.counters.delete(item);
    }
    this.offEach += median;
  }
}

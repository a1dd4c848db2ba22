import { assert } from '@nexus/core/invariant';
import { RecentTargetSets } from './recent-target-sets.js';
import type { RoundRobinCounter } from './round-robin.js';

/** Bound of the series that one counter keeps, unless told otherwise. */
const targetSetsMaxDefault = 10_000;

/**
 * Numbers for one process alone: for tests, and for the emergency layer, where nothing outside can be asked.
 * Keeps `targetSetsMax` series; beyond that the one that was used longest ago is forgotten and would start at 0 again.
 */
export class InMemoryRoundRobinCounter implements RoundRobinCounter {
  private readonly series: RecentTargetSets<{ next: number }>;

  constructor(targetSetsMax: number = targetSetsMaxDefault) {
    this.series = new RecentTargetSets(targetSetsMax);
  }

  take(targetSet: string, count: number): Promise<number> {
    assert(Number.isSafeInteger(count) && count >= 1, 'at least one number is taken');
    const series = this.series.get(targetSet) ?? this.series.add(targetSet, { next: 0 });
    // At 2^53 the series starts over: uneven once in a few thousand years, where an unsafe integer would stick.
    const first = series.next + count <= Number.MAX_SAFE_INTEGER ? series.next : 0;
    series.next = first + count;
    return Promise.resolve(first);
  }
}

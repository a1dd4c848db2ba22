import { assert } from '@nexus/core/invariant';
import type { RoundRobinCounter } from './round-robin.js';

/** Bound of the series that one counter keeps, unless told otherwise. */
const targetSetsMaxDefault = 10_000;

/**
 * Numbers for one process alone: for tests, and for the emergency layer, where nothing outside can be asked.
 * Keeps `targetSetsMax` series; beyond that the one that was used longest ago is forgotten and would start at 0 again.
 */
export class InMemoryRoundRobinCounter implements RoundRobinCounter {
  private readonly next = new Map<string, number>();

  constructor(private readonly targetSetsMax: number = targetSetsMaxDefault) {
    assert(Number.isSafeInteger(targetSetsMax) && targetSetsMax >= 1, 'a counter keeps at least one series');
  }

  take(targetSet: string, count: number): Promise<number> {
    assert(Number.isSafeInteger(count) && count >= 1, 'at least one number is taken');
    const known = this.next.get(targetSet) ?? 0;
    // At 2^53 the series starts over: uneven once in a few thousand years, where an unsafe integer would stick.
    const first = known + count <= Number.MAX_SAFE_INTEGER ? known : 0;
    this.next.delete(targetSet); // moves the key to the end: the Map's order is the order of use
    this.next.set(targetSet, first + count);
    if (this.next.size > this.targetSetsMax) this.forgetOldest();
    return Promise.resolve(first);
  }

  private forgetOldest(): void {
    for (const targetSet of this.next.keys()) {
      this.next.delete(targetSet);
      return;
    }
  }
}

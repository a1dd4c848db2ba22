/*
 * Work of one key goes to one agent, whose caches and state are then warm, until that one has clearly more than its part:
 * then to the next on the circle. (Consistent hashing with bounded loads, Mirrokni, Thorup, Zadimoghaddam 2018.)
 */
import { type Balancer } from '../balancer.js';
import { type PickRequest, unset } from '../pick-request.js';

/** How much above the mean an agent may be. Closer to 1 is more even, and moves more keys under load. */
const boundByMean = 1.25;
/** Agents tried clockwise; about 1 / (bound - 1)² are expected to be full. */
const stepsMax = 64;

/** The agent of the key; `fallback` for work without a key, and where all near by are full. */
export class ConsistentHash implements Balancer {
  readonly name = 'consistent_hash';

  constructor(private readonly fallback: Balancer) {}

  pick(request: PickRequest): number {
    const { candidates, affinity, nowMs } = request;
    if (affinity === unset || candidates.size === 0) return this.fallback.pick(request);
    const { table, ring, meanLoad, isPanic } = candidates;
    table.wake(nowMs);
    meanLoad.refresh(table, candidates.slots, nowMs);
    let place = ring.placeOf(affinity, table, nowMs);
    for (let step = Math.min(stepsMax, ring.size); step > 0; step--) {
      const slot = ring.slotAt(place);
      if (table.isOpen(slot, isPanic) && !request.excludes(slot) && !this.isFull(slot, request)) return slot;
      place = ring.after(place);
    }
    return this.fallback.pick(request);
  }

  /** With one piece of work more it would have more than its part of all, that piece included. */
  private isFull(slot: number, { candidates, nowMs }: PickRequest): boolean {
    const { table, meanLoad, size } = candidates;
    const mean = meanLoad.outstanding + 1 / size;
    const bound = Math.ceil((boundByMean * mean * table.share(slot, nowMs)) / meanLoad.share);
    return table.outstanding(slot) + 1 > bound;
  }
}

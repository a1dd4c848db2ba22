import { assert } from '@nexus/core/invariant';
import type { Lane } from './lane.js';

/**
 * The open lanes as a binary heap: on top the one with the fewest outstanding units; of equals the one that was given
 * reassigned work longest ago, so that ties go round. Every change costs O(log lanes).
 */
export class LeastLoaded {
  private readonly heap: Lane[] = [];

  add(lane: Lane): void {
    assert(lane.rank === -1, 'a lane is ranked once');
    lane.rank = this.heap.length;
    this.heap.push(lane);
    this.siftUp(lane);
  }

  remove(lane: Lane): void {
    if (lane.rank === -1) return;
    const last = this.heap.pop()!;
    if (last !== lane) {
      this.put(last, lane.rank);
      this.update(last);
    }
    lane.rank = -1;
  }

  /** To be called after a lane's load or turn changed; a lane that is not ranked is let be. */
  update(lane: Lane): void {
    if (lane.rank === -1) return;
    this.siftUp(lane);
    this.siftDown(lane);
  }

  /** The least loaded lane whose agent's life is not excluded; O((k + 1) log lanes) for k excluded ones on top. */
  pick(excluded: ReadonlySet<symbol>): Lane | undefined {
    const aside: Lane[] = [];
    let top = this.heap[0];
    while (top && excluded.has(top.life)) {
      aside.push(top);
      this.remove(top);
      top = this.heap[0];
    }
    for (const lane of aside) this.add(lane);
    return top;
  }

  private siftUp(lane: Lane): void {
    while (lane.rank > 0) {
      const parent = this.heap[(lane.rank - 1) >>> 1]!;
      if (!before(lane, parent)) return;
      this.swap(lane, parent);
    }
  }

  private siftDown(lane: Lane): void {
    for (;;) {
      const left = this.heap[2 * lane.rank + 1];
      const right = this.heap[2 * lane.rank + 2];
      if (!left) return;
      const child = right && before(right, left) ? right : left;
      if (!before(child, lane)) return;
      this.swap(child, lane);
    }
  }

  private swap(a: Lane, b: Lane): void {
    const rank = a.rank;
    this.put(a, b.rank);
    this.put(b, rank);
  }

  private put(lane: Lane, rank: number): void {
    this.heap[rank] = lane;
    lane.rank = rank;
  }
}

function before(a: Lane, b: Lane): boolean {
  return a.outstanding < b.outstanding || (a.outstanding === b.outstanding && a.turn < b.turn);
}

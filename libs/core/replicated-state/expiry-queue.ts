/*
 * What ends first, in O(1); a renewal in O(log n), without leaving anything behind: every item knows its place in a
 * binary heap. Items that end at the same time are ordered by what they are, never by how the heap happens to stand, so
 * that a replica that was restored from an image ends them in the same order as one that saw every entry.
 */
export interface Expiring {
  expiresAtMs: number;
  /** Where the queue keeps it; the queue's own. */
  place: number;
}

export class ExpiryQueue<T extends Expiring> {
  private readonly heap: T[] = [];

  /** @param isBefore a total order of items that end at the same time */
  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  /** When the first item ends, by the clock of the log; null when there is none. */
  get nextExpiryMs(): number | null {
    return this.heap[0]?.expiresAtMs ?? null;
  }

  get size(): number {
    return this.heap.length;
  }

  add(item: T): void {
    this.heap.push(item);
    this.rise(item, this.heap.length - 1);
  }

  /** Moves the end of an item that is in the queue. */
  move(item: T, expiresAtMs: number): void {
    const earlier = expiresAtMs < item.expiresAtMs;
    item.expiresAtMs = expiresAtMs;
    if (earlier) this.rise(item, item.place);
    else this.sink(item, item.place);
  }

  remove(item: T): void {
    const { place } = item;
    const last = this.heap.pop();
    if (last === undefined || last === item) return;
    this.rise(last, place);
    this.sink(last, last.place);
  }

  /** Takes the first item that has ended by then. */
  takeExpired(nowMs: number): T | undefined {
    const first = this.heap[0];
    if (first === undefined || first.expiresAtMs > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  private precedes(a: T, b: T): boolean {
    return a.expiresAtMs === b.expiresAtMs ? this.isBefore(a, b) : a.expiresAtMs < b.expiresAtMs;
  }

  private rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = this.heap[(place - 1) >> 1]!;
      if (!this.precedes(item, parent)) break;
      this.set(parent, place);
      place = (place - 1) >> 1;
    }
    this.set(item, place);
  }

  private sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const left = this.heap[2 * place + 1];
      const right = this.heap[2 * place + 2];
      if (left === undefined) break;
      const takeRight = right !== undefined && this.precedes(right, left);
      const child = takeRight ? right : left;
      if (!this.precedes(child, item)) break;
      this.set(child, place);
      place = 2 * place + (takeRight ? 2 : 1);
    }
    this.set(item, place);
  }

  private set(item: T, place: number): void {
    this.heap[place] = item;
    item.place = place;
  }
}

import { widened } from './columns.js';

/** Times at which slots are to be looked at again: a binary heap in flat arrays. */
export class WakeUps {
  private times = new Float64Array(8);
  private slots = new Int32Array(8);
  private size = 0;

  /** When the next one is due; Infinity without any. */
  get nextMs(): number {
    return this.size === 0 ? Infinity : this.times[0]!;
  }

  add(atMs: number, slot: number): void {
    if (this.size === this.times.length) this.grow();
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.times[parent]! <= atMs) break;
      this.move(parent, at);
      at = parent;
    }
    this.put(at, atMs, slot);
  }

  /** Takes the next one out. */
  take(): number {
    const slot = this.slots[0]!;
    const last = --this.size;
    const atMs = this.times[last]!;
    let at = 0;
    for (let child = 1; child < last; child = 2 * at + 1) {
      if (child + 1 < last && this.times[child + 1]! < this.times[child]!) child++;
      if (this.times[child]! >= atMs) break;
      this.move(child, at);
      at = child;
    }
    this.put(at, atMs, this.slots[last]!);
    return slot;
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from]!, this.slots[from]!);
  }

  private put(at: number, atMs: number, slot: number): void {
    this.times[at] = atMs;
    this.slots[at] = slot;
  }

  private grow(): void {
    this.times = widened(this.times, this.size * 2);
    this.slots = widened(this.slots, this.size * 2);
  }
}

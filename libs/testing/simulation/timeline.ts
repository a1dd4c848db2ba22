import { assert } from '@nexus/core/invariant';
import { hold } from './violation.js';

interface Event {
  readonly atMs: number;
  /** Events of the same moment happen in the order in which they were planned. */
  readonly order: number;
  readonly action: () => void;
}

const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Virtual time: it moves from event to event (a binary heap), and nothing else moves it. */
export class Timeline {
  private readonly heap: Event[] = [];
  private planned = 0;
  private now = 0;
  private count = 0;

  /** @param eventsMax more are a violation: what is simulated keeps itself busy */
  constructor(private readonly eventsMax = 1_000_000) {}

  get nowMs(): number {
    return this.now;
  }

  /** Events that happened so far. */
  get happened(): number {
    return this.count;
  }

  after(delayMs: number, action: () => void): void {
    assert(delayMs >= 0, 'an event cannot happen in the past');
    this.planned++;
    this.rise({ atMs: this.now + delayMs, order: this.planned, action });
  }

  /** Lets everything up to this moment happen. */
  run(untilMs: number): void {
    for (let next = this.heap[0]; next !== undefined && next.atMs <= untilMs; next = this.heap[0]) {
      this.removeFirst();
      this.now = next.atMs;
      this.count++;
      hold(this.count <= this.eventsMax, 'a run ends', () => `${this.count} events by ${this.now} ms`);
      next.action();
    }
    this.now = untilMs;
  }

  private rise(event: Event): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  private removeFirst(): void {
    const last = this.heap.pop()!;
    if (this.heap.length > 0) this.sink(last);
  }

  private sink(event: Event): void {
    const { heap } = this;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, event)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = event;
  }
}

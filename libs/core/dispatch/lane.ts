import { assert } from '@nexus/core/invariant';
import type { WorkUnit } from './work-unit.js';

/** One sending of a unit to an agent. */
export interface Dispatch {
  readonly id: number;
  readonly unit: WorkUnit;
  readonly lane: Lane;
  /** The life of the agent that it was sent to. */
  readonly life: symbol;
}

/** One agent as the dispatcher sees it: what is in flight there, bounded by its window, and what waits behind. */
export class Lane {
  /** Open: work may be given to it. Closed lanes have an empty queue, but may still owe answers. */
  open = true;
  /** When it was last given reassigned work: the lower, the longer ago. */
  turn: number;
  /** The present life of its agent: one that comes back may do what it failed before. */
  life = Symbol('life');
  /** Where it stands in `LeastLoaded`; -1 when it does not. */
  rank = -1;
  readonly inFlight = new Set<Dispatch>();
  private window: number;
  private queue: WorkUnit[] = [];
  private head = 0;
  private queued = 0;

  constructor(
    readonly agentId: string,
    { window, turn }: { window: number; turn: number },
  ) {
    this.window = checkedWindow(window);
    this.turn = turn;
  }

  /** Units that it has to do: in flight and queued. */
  get outstanding(): number {
    return this.inFlight.size + this.queued;
  }

  get hasRoom(): boolean {
    return this.inFlight.size < this.window;
  }

  /** Takes work in a new life of its agent. */
  reopen(window: number): void {
    this.window = checkedWindow(window);
    this.life = Symbol('life');
    this.open = true;
  }

  enqueue(unit: WorkUnit): void {
    unit.place = { kind: 'queued' };
    unit.agentId = this.agentId;
    this.queue.push(unit);
    this.queued++;
  }

  /** The next unit to send; undefined when none waits. */
  dequeue(): WorkUnit | undefined {
    while (this.head < this.queue.length) {
      const unit = this.queue[this.head++];
      // A unit that was withdrawn stays in the array until its turn: removing it at once would cost a search.
      if (unit?.place.kind !== 'queued') continue;
      this.queued--;
      return unit;
    }
    this.queue = [];
    this.head = 0;
    return undefined;
  }

  /** A queued unit was settled by an earlier attempt; the caller changes its place. */
  withdraw(): void {
    this.queued--;
  }

  /** Takes no more work, and hands back what was never sent. */
  close(): WorkUnit[] {
    this.open = false;
    const waiting: WorkUnit[] = [];
    for (let unit = this.dequeue(); unit; unit = this.dequeue()) {
      unit.place = { kind: 'nowhere' };
      waiting.push(unit);
    }
    return waiting;
  }
}

function checkedWindow(window: number): number {
  assert(Number.isSafeInteger(window) && window >= 1, 'a window is an integer ≥ 1');
  return window;
}

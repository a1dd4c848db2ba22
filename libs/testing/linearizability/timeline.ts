import { isDue, type Operation } from './history.js';

/** An operation that returned, with its place among those that overlap it. */
export interface Call<C, A> {
  readonly operation: Operation<C, A>;
  /** A bit that no overlapping operation has. */
  readonly bit: bigint;
}

/** The moment before an operation returns: by then it must have taken effect. */
export interface Deadline<C, A> {
  readonly due: Call<C, A>;
  /** All that were invoked before, and return now or later; soonest first, `due` at the head. */
  readonly open: readonly Call<C, A>[];
  /** How many of the optional operations were invoked before. */
  readonly optionalBefore: number;
}

/** A history of one object as the search walks it. */
export interface Timeline<C, A> {
  readonly deadlines: readonly Deadline<C, A>[];
  /** Operations that may take effect at any time or never, by invocation. */
  readonly optional: readonly Operation<C, A>[];
}

interface Event<C, A> {
  readonly atMs: number;
  readonly returns: boolean;
  readonly operation: Operation<C, A>;
}

/** Lays a history out by time; an invocation and a return at the same moment overlap. */
export function timelineOf<C, A>(history: readonly Operation<C, A>[]): Timeline<C, A> {
  const optional: Operation<C, A>[] = [];
  const deadlines: Deadline<C, A>[] = [];
  const slots = new Slots();
  const open = new Map<Operation<C, A>, Call<C, A>>();
  for (const { operation, returns } of eventsOf(history)) {
    if (!isDue(operation)) optional.push(operation);
    else if (!returns) open.set(operation, { operation, bit: slots.take() });
    else {
      const due = open.get(operation)!;
      const soonestFirst = [...open.values()].sort((a, b) => returnOf(a.operation) - returnOf(b.operation));
      const others = soonestFirst.filter((call) => call !== due);
      deadlines.push({ due, open: [due, ...others], optionalBefore: optional.length });
      open.delete(operation);
      slots.release(due.bit);
    }
  }
  return { deadlines, optional };
}

function eventsOf<C, A>(history: readonly Operation<C, A>[]): Event<C, A>[] {
  const events = history.flatMap((operation): Event<C, A>[] => [
    { atMs: operation.invokedAtMs, returns: false, operation },
    ...(isDue(operation) ? [{ atMs: returnOf(operation), returns: true, operation }] : []),
  ]);
  return events.sort((a, b) => a.atMs - b.atMs || Number(a.returns) - Number(b.returns));
}

const returnOf = ({ outcome }: Operation<unknown, unknown>): number =>
  outcome?.returnedAtMs ?? Number.POSITIVE_INFINITY;

/** Hands out the lowest free bit, so that sets of overlapping operations stay small numbers. */
class Slots {
  private readonly free: bigint[] = [];
  private next = 1n;

  take(): bigint {
    const bit = this.free.pop();
    if (bit !== undefined) return bit;
    this.next <<= 1n;
    return this.next >> 1n;
  }

  release(bit: bigint): void {
    this.free.push(bit);
  }
}

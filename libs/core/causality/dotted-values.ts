import { assert } from '@nexus/core/invariant';
import { VectorClock } from './vector-clock.js';

/** What a key was set to; a removal is a value too, so that it can replace and be replaced. */
export type Content<V> = { readonly kind: 'value'; readonly value: V } | { readonly kind: 'removed' };

/** One write of a key (Almeida et al. 2014, §5: a dotted version vector). */
export interface DottedValue<V> {
  /** Who wrote: one life of a process, or one whose counter survives its restarts. */
  readonly by: string;
  /** Its place among the writes of `by`: (`by`, `counter`) is the dot, and names this write alone. */
  readonly counter: number;
  /** What the write replaces: the values whose clocks it descends. The dot is not in it. */
  readonly past: VectorClock;
  readonly content: Content<V>;
}

export interface Write<V> {
  readonly by: string;
  readonly content: Content<V>;
  /** What the writer had read, to be replaced; what is absent from it stays beside. Default: all that stands here. */
  readonly context?: VectorClock;
  /** The counter is above this, whatever is known here; a start time serves when counters are not kept over restarts. */
  readonly floor?: number;
}

/**
 * The values of one key that nobody has replaced: one, or siblings that were written without knowledge of each other
 * (Preguiça et al. 2010). Immutable. The dot apart from the past is what keeps two writes through one process as
 * siblings when both had read the same.
 */
export class DottedValues<V> {
  private static readonly none = new DottedValues<never>([]);

  private constructor(
    /** In the order of `by`, then of the counter. Removed ones too. */
    readonly siblings: readonly DottedValue<V>[],
  ) {}

  static empty<V>(): DottedValues<V> {
    return DottedValues.none;
  }

  /** The view over what several processes store: their values without those that another one replaces. */
  static of<V>(values: Iterable<DottedValue<V>>): DottedValues<V> {
    const byDot = new Map<string, DottedValue<V>>();
    for (const value of values) {
      const dot = JSON.stringify([value.by, value.counter]);
      byDot.set(dot, laterOf(byDot.get(dot), value));
    }
    // Replacing is transitive: whatever falls out need not be compared with any more.
    let standing: DottedValue<V>[] = [];
    for (const value of byDot.values()) {
      if (standing.some((other) => replaces(other, value))) continue;
      standing = standing.filter((other) => !replaces(value, other));
      standing.push(value);
    }
    return new DottedValues(standing.sort(byDotOrder));
  }

  /** Covers everything here: a write with it as context replaces all of it. */
  get context(): VectorClock {
    return this.siblings.reduce((clock, value) => clock.merge(clockOf(value)), VectorClock.zero);
  }

  /** The siblings that are not removals. */
  get values(): readonly (DottedValue<V> & { readonly content: { readonly kind: 'value' } })[] {
    return this.siblings.filter(isValue);
  }

  /** More than one value stands. */
  get isConflict(): boolean {
    return this.values.length > 1;
  }

  /** What `by` wrote and nobody replaced: what it has to store. More than one when its writers had not read each other. */
  writtenBy(by: string): readonly DottedValue<V>[] {
    return this.siblings.filter((value) => value.by === by);
  }

  /** Also the new write, as the last one of `by`. */
  write({ by, content, context = this.context, floor = 0 }: Write<V>): {
    readonly values: DottedValues<V>;
    readonly written: DottedValue<V>;
  } {
    const counter = Math.max(this.context.get(by), context.get(by), floor) + 1;
    const written: DottedValue<V> = { by, counter, past: context, content };
    return { values: DottedValues.of([...this.siblings, written]), written };
  }

  put(by: string, value: V, context?: VectorClock): DottedValues<V> {
    return this.write({ by, content: { kind: 'value', value }, ...(context && { context }) }).values;
  }

  remove(by: string, context?: VectorClock): DottedValues<V> {
    return this.write({ by, content: { kind: 'removed' }, ...(context && { context }) }).values;
  }

  /** Commutative, associative and idempotent. Bounded by who writes: see `writtenBy`. */
  merge(other: DottedValues<V>): DottedValues<V> {
    return DottedValues.of([...this.siblings, ...other.siblings]);
  }
}

/** Everything that whoever wrote this knew of, and the write itself. */
export function clockOf({ past, by, counter }: DottedValue<unknown>): VectorClock {
  return past.with(by, counter);
}

/**
 * A value of a writer that stores one value a key, told as its clock alone: the writer's entry is the dot, and what it
 * wrote before is replaced.
 */
export function dotted<V>(by: string, clock: VectorClock, content: Content<V>): DottedValue<V> {
  const counter = clock.get(by);
  assert(counter > 0, 'the clock of a value counts the write itself');
  return { by, counter, past: clock.with(by, counter - 1), content };
}

/** By whole clocks and not by dots: so replacing is transitive even when a context was made up, and nothing is lost by it. */
function replaces(later: DottedValue<unknown>, earlier: DottedValue<unknown>): boolean {
  return later.past.descends(clockOf(earlier));
}

/** A dot names one write; if a broken writer used it twice, all choose alike. */
function laterOf<V>(known: DottedValue<V> | undefined, value: DottedValue<V>): DottedValue<V> {
  if (known === undefined || known === value) return value;
  return rank(known) >= rank(value) ? known : value;
}

function rank({ past, content }: DottedValue<unknown>): string {
  return JSON.stringify([past.encode(), content]);
}

function byDotOrder(left: DottedValue<unknown>, right: DottedValue<unknown>): number {
  if (left.by !== right.by) return left.by < right.by ? -1 : 1;
  return left.counter - right.counter;
}

function isValue<V>(
  value: DottedValue<V>,
): value is DottedValue<V> & { readonly content: { readonly kind: 'value' } } {
  return value.content.kind === 'value';
}

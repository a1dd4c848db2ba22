import { assert } from '@nexus/core/invariant';

/** How two clocks stand: the first happened before, after, at the same events as, or beside the second. */
export type ClockOrder = 'before' | 'after' | 'equal' | 'concurrent';

/**
 * How many events of each process are known (Fidge 1988, Mattern 1989). Immutable and canonical: names in the order of
 * their code units, no zero entries, so that two clocks are equal exactly when their entries are.
 *
 * Two parallel arrays instead of a Map: a comparison, which is what is done most, then is one walk without hashing and
 * without allocation, and so is a merge of clocks that name the same processes. Those share the array of names where one
 * came of the other. `npm run bench -- causality` compares it with one pass over two Maps.
 */
export class VectorClock {
  static readonly zero = new VectorClock([], []);

  private constructor(
    private readonly names: readonly string[],
    private readonly counters: readonly number[],
  ) {}

  /** @param entries a name twice counts with its larger counter; zeros are left out. Counters are safe integers. */
  static of(entries: Iterable<readonly [name: string, counter: number]>): VectorClock {
    const known = new Map<string, number>();
    let last = '';
    let isSorted = true;
    for (const [name, counter] of entries) {
      assert(Number.isSafeInteger(counter) && counter >= 0, 'a counter is a safe integer, 0 or more');
      if (counter > (known.get(name) ?? 0)) known.set(name, counter);
      isSorted &&= last <= name;
      last = name;
    }
    if (known.size === 0) return VectorClock.zero;
    // What another clock wrote is in order already.
    const names = isSorted ? [...known.keys()] : [...known.keys()].sort();
    return new VectorClock(
      names,
      names.map((name) => known.get(name)!),
    );
  }

  /** Named processes. */
  get size(): number {
    return this.names.length;
  }

  /** Events known of `name`; 0 when none is. */
  get(name: string): number {
    const at = this.search(name);
    return at < 0 ? 0 : this.counters[at]!;
  }

  /** In the order of the names. */
  *entries(): IterableIterator<[name: string, counter: number]> {
    for (let at = 0; at < this.names.length; at += 1) yield [this.names[at]!, this.counters[at]!];
  }

  /** With one more event of `name`. */
  tick(name: string): VectorClock {
    return this.with(name, this.get(name) + 1);
  }

  /** With exactly `counter` events of `name`; 0 takes it out. */
  with(name: string, counter: number): VectorClock {
    assert(Number.isSafeInteger(counter) && counter >= 0, 'a counter is a safe integer, 0 or more');
    const at = this.search(name);
    if (at < 0) return counter === 0 ? this : this.inserted(~at, name, counter);
    if (counter === 0) return this.without(name);
    if (counter === this.counters[at]) return this;
    const counters = this.counters.slice();
    counters[at] = counter;
    return new VectorClock(this.names, counters);
  }

  /** Forgets a process: it must be gone for good, and what is known of it known everywhere. */
  without(name: string): VectorClock {
    const at = this.search(name);
    if (at < 0) return this;
    return new VectorClock(this.names.toSpliced(at, 1), this.counters.toSpliced(at, 1));
  }

  /** The least clock that knows what either knows: commutative, associative, idempotent. */
  merge(other: VectorClock): VectorClock {
    // Clocks that have met mostly name the same processes, and one that came over the wire has an array of its own.
    if (areSame(this.names, other.names)) return this.mergedAlike(other);
    const names: string[] = [];
    const counters: number[] = [];
    let mine = 0;
    let its = 0;
    while (mine < this.names.length && its < other.names.length) {
      const name = this.names[mine]!;
      const side = sideOf(name, other.names[its]!);
      const counter = side > 0 ? other.counters[its]! : this.counters[mine]!;
      names.push(side > 0 ? other.names[its]! : name);
      counters.push(side === 0 && other.counters[its]! > counter ? other.counters[its]! : counter);
      if (side <= 0) mine += 1;
      if (side >= 0) its += 1;
    }
    for (; mine < this.names.length; mine += 1) {
      names.push(this.names[mine]!);
      counters.push(this.counters[mine]!);
    }
    for (; its < other.names.length; its += 1) {
      names.push(other.names[its]!);
      counters.push(other.counters[its]!);
    }
    // As many names as before are the same names: the array is shared on.
    if (names.length === this.names.length) return new VectorClock(this.names, counters);
    if (names.length === other.names.length) return new VectorClock(other.names, counters);
    return new VectorClock(names, counters);
  }

  /** One pass that ends as soon as each side knows something that the other does not. */
  compare(other: VectorClock): ClockOrder {
    if (this.names === other.names) return this.comparedAlike(other);
    let isAhead = false;
    let isBehind = false;
    let mine = 0;
    let its = 0;
    while (mine < this.names.length && its < other.names.length) {
      const side = sideOf(this.names[mine]!, other.names[its]!);
      const lead = side === 0 ? this.counters[mine]! - other.counters[its]! : -side;
      if (lead > 0) isAhead = true;
      else if (lead < 0) isBehind = true;
      if (isAhead && isBehind) return 'concurrent';
      if (side <= 0) mine += 1;
      if (side >= 0) its += 1;
    }
    return orderOf(isAhead || mine < this.names.length, isBehind || its < other.names.length);
  }

  equals(other: VectorClock): boolean {
    return this.compare(other) === 'equal';
  }

  /** Whether this knows everything that `other` knows. */
  descends(other: VectorClock): boolean {
    if (this.names.length < other.names.length) return false;
    let mine = 0;
    for (let its = 0; its < other.names.length; its += 1) {
      const name = other.names[its]!;
      while (mine < this.names.length && sideOf(this.names[mine]!, name) < 0) mine += 1;
      if (this.names[mine] !== name || this.counters[mine]! < other.counters[its]!) return false;
    }
    return true;
  }

  /** The entries in which this is ahead of `other`: `other.merge(this.beyond(other))` is `other.merge(this)`. */
  beyond(other: VectorClock): VectorClock {
    const ahead = [...this.entries()].filter(([name, counter]) => counter > other.get(name));
    return ahead.length === this.size ? this : VectorClock.of(ahead);
  }

  /** For the wire. Without a prototype, so that `__proto__` is a key like any other, in JSON too. */
  toRecord(): Record<string, number> {
    const record = Object.create(null) as Record<string, number>;
    for (let at = 0; at < this.names.length; at += 1) record[this.names[at]!] = this.counters[at]!;
    return record;
  }

  /** Canonical text, `["a",3,"b",1]`: equal clocks, and only they, have equal texts. Read by `decodeClock`. */
  encode(): string {
    const flat: (string | number)[] = [];
    for (let at = 0; at < this.names.length; at += 1) flat.push(this.names[at]!, this.counters[at]!);
    return JSON.stringify(flat);
  }

  private comparedAlike(other: VectorClock): ClockOrder {
    let isAhead = false;
    let isBehind = false;
    for (let at = 0; at < this.counters.length; at += 1) {
      if (this.counters[at]! > other.counters[at]!) isAhead = true;
      else if (this.counters[at]! < other.counters[at]!) isBehind = true;
      if (isAhead && isBehind) return 'concurrent';
    }
    return orderOf(isAhead, isBehind);
  }

  private mergedAlike(other: VectorClock): VectorClock {
    let counters: number[] | undefined;
    for (let at = 0; at < this.counters.length; at += 1) {
      if (other.counters[at]! <= this.counters[at]!) continue;
      counters ??= this.counters.slice();
      counters[at] = other.counters[at]!;
    }
    return counters === undefined ? this : new VectorClock(this.names, counters);
  }

  private inserted(at: number, name: string, counter: number): VectorClock {
    return new VectorClock(this.names.toSpliced(at, 0, name), this.counters.toSpliced(at, 0, counter));
  }

  /** Where `name` is; the complement of where it would be when it is not there. */
  private search(name: string): number {
    let [low, high] = [0, this.names.length - 1];
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.names[middle]!;
      if (found === name) return middle;
      if (found < name) low = middle + 1;
      else high = middle - 1;
    }
    return ~low;
  }
}

function areSame(names: readonly string[], others: readonly string[]): boolean {
  if (names === others) return true;
  if (names.length !== others.length) return false;
  for (let at = 0; at < names.length; at += 1) if (names[at] !== others[at]) return false;
  return true;
}

/** Below 0: the left name comes first, so that the right side does not have it; 0: both have it. */
function sideOf(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function orderOf(isAhead: boolean, isBehind: boolean): ClockOrder {
  if (isAhead) return isBehind ? 'concurrent' : 'after';
  return isBehind ? 'before' : 'equal';
}

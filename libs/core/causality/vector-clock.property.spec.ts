import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeClock, readClock, VectorClock, type ClockOrder } from './index.js';

/** Names that a record or a comparison could trip over, and counters small enough to meet often. */
const nameArbitrary = fc.oneof(
  fc.constantFrom('a', 'b', 'B', 'a.1', 'é', '￿', '\u{1f600}', '__proto__', 'constructor', '10', '9'),
  fc.string({ minLength: 1, maxLength: 3, unit: 'grapheme' }),
);
const entriesArbitrary = fc.array(fc.tuple(nameArbitrary, fc.nat({ max: 3 })), { maxLength: 8 });
const clockArbitrary = entriesArbitrary.map((entries) => VectorClock.of(entries));
const bounds = { entriesMax: 16, counterMax: 1_000 };

function toMap(clock: VectorClock): ReadonlyMap<string, number> {
  return new Map(clock.entries());
}

/** The definition, entry by entry (Mattern 1989, §6), with nothing clever in it. */
function naiveOrder(left: VectorClock, right: VectorClock): ClockOrder {
  const [mine, its] = [toMap(left), toMap(right)];
  const names = [...new Set([...mine.keys(), ...its.keys()])];
  const isBelow = names.every((name) => (mine.get(name) ?? 0) <= (its.get(name) ?? 0));
  const isAbove = names.every((name) => (mine.get(name) ?? 0) >= (its.get(name) ?? 0));
  if (isBelow && isAbove) return 'equal';
  if (isBelow) return 'before';
  return isAbove ? 'after' : 'concurrent';
}

const opposite = { before: 'after', after: 'before', equal: 'equal', concurrent: 'concurrent' } as const;

describe('the order of clocks', () => {
  it('is the one of the definition, however the clocks were made', () => {
    fc.assert(
      fc.property(clockArbitrary, clockArbitrary, nameArbitrary, (left, right, name) => {
        const related = left.merge(right);
        // Clocks that share their names are compared as they are walked, too.
        for (const [one, other] of [
          [left, right],
          [left, related],
          [related.tick(name), related],
          [related.tick(name), right.merge(related).tick('b')],
        ] as const) {
          expect(one.compare(other)).toBe(naiveOrder(one, other));
          expect(other.compare(one)).toBe(opposite[one.compare(other)]);
          expect(one.descends(other)).toBe(['after', 'equal'].includes(naiveOrder(one, other)));
          expect(one.equals(other)).toBe(naiveOrder(one, other) === 'equal');
        }
      }),
    );
  });

  it('is partial: reflexive, antisymmetric, transitive', () => {
    fc.assert(
      fc.property(clockArbitrary, clockArbitrary, clockArbitrary, (a, b, c) => {
        expect(a.compare(VectorClock.of(a.entries()))).toBe('equal');
        if (a.descends(b) && b.descends(a)) expect(a.encode()).toBe(b.encode());
        const chain = [a, a.merge(b), a.merge(b).merge(c)] as const;
        expect(chain[2].descends(chain[1]) && chain[1].descends(chain[0])).toBe(true);
        expect(chain[2].descends(chain[0])).toBe(true);
        if (b.descends(a) && c.descends(b)) expect(c.descends(a)).toBe(true);
      }),
    );
  });

  it('has a tick after what it was, and beside what it did not know', () => {
    fc.assert(
      fc.property(clockArbitrary, nameArbitrary, nameArbitrary, (clock, name, other) => {
        expect(clock.tick(name).compare(clock)).toBe('after');
        expect(clock.tick(name).get(name)).toBe(clock.get(name) + 1);
        if (name !== other) expect(clock.tick(name).compare(clock.tick(other))).toBe('concurrent');
      }),
    );
  });
});

describe('merging clocks', () => {
  it('is a least upper bound: commutative, associative, idempotent', () => {
    fc.assert(
      fc.property(clockArbitrary, clockArbitrary, clockArbitrary, (a, b, c) => {
        expect(a.merge(b).encode()).toBe(b.merge(a).encode());
        expect(a.merge(b).merge(c).encode()).toBe(a.merge(b.merge(c)).encode());
        expect(a.merge(a).encode()).toBe(a.encode());
        expect(a.merge(VectorClock.zero).encode()).toBe(a.encode());
        expect(a.merge(b).descends(a) && a.merge(b).descends(b)).toBe(true);
        if (c.descends(a) && c.descends(b)) expect(c.descends(a.merge(b))).toBe(true);
      }),
    );
  });

  it('needs only the entries that are beyond', () => {
    fc.assert(
      fc.property(clockArbitrary, clockArbitrary, (a, b) => {
        const beyond = a.beyond(b);
        expect(b.merge(beyond).encode()).toBe(b.merge(a).encode());
        for (const [name, counter] of beyond.entries()) {
          expect([counter, counter > b.get(name)]).toEqual([a.get(name), true]);
        }
      }),
    );
  });

  it('leaves its operands as they were', () => {
    fc.assert(
      fc.property(clockArbitrary, clockArbitrary, nameArbitrary, (a, b, name) => {
        const texts = [a.encode(), b.encode()];
        a.merge(b).tick(name);
        b.merge(a).without(name);
        a.tick(name).with(name, 9);
        a.compare(b);
        expect([a.encode(), b.encode()]).toEqual(texts);
      }),
    );
  });
});

describe('the canonical form', () => {
  it('is the same for every order of the entries, sorted by code units, without zeros', () => {
    fc.assert(
      fc.property(entriesArbitrary, fc.nat(), (entries, turn) => {
        const at = entries.length === 0 ? 0 : turn % entries.length;
        const turned = [...entries.slice(at), ...entries.slice(0, at)].reverse();
        const clock = VectorClock.of(entries);
        expect(VectorClock.of(turned).encode()).toBe(clock.encode());
        const names = [...clock.entries()].map(([name]) => name);
        expect(names).toEqual([...new Set(names)].sort());
        expect([...clock.entries()].every(([, counter]) => counter > 0)).toBe(true);
        expect(clock.size).toBe(names.length);
      }),
    );
  });

  it('has equal texts for equal clocks, and only for them', () => {
    fc.assert(
      fc.property(clockArbitrary, clockArbitrary, (a, b) => {
        expect(a.encode() === b.encode()).toBe(naiveOrder(a, b) === 'equal');
      }),
    );
  });

  it('is read back from its text, from JSON and from pairs', () => {
    fc.assert(
      fc.property(clockArbitrary, (clock) => {
        const overTheWire = JSON.parse(JSON.stringify(clock.toRecord())) as unknown;
        for (const reading of [
          decodeClock(clock.encode(), bounds),
          readClock(overTheWire, bounds),
          readClock(toMap(clock), bounds),
          readClock([...clock.entries()], bounds),
        ]) {
          expect(reading.kind === 'clock' && reading.clock.encode()).toBe(clock.encode());
        }
      }),
    );
  });

  it('drops a name that leaves and takes exact counters', () => {
    fc.assert(
      fc.property(clockArbitrary, nameArbitrary, fc.nat({ max: 5 }), (clock, name, counter) => {
        expect(clock.without(name).get(name)).toBe(0);
        expect(clock.with(name, 0).encode()).toBe(clock.without(name).encode());
        const set = VectorClock.of([...clock.without(name).entries(), [name, counter]]);
        expect(clock.with(name, counter).encode()).toBe(set.encode());
      }),
    );
  });
});

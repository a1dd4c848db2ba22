import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashOf } from './index.js';
import { HashRing } from './hash-ring.js';
import { fleetOf, idOf } from './testdata/small-fleet.js';

const agentsOf = (agents: number) =>
  Array.from({ length: agents }, (_, slot) => ({ agentId: idOf(slot), slot }));
const keys = Array.from({ length: 4_000 }, (_, at) => hashOf(`key-${at}`));

const ownersOf = (
  ring: HashRing,
  table: ReturnType<typeof fleetOf>['table'],
  asked: readonly number[] = keys,
): number[] => asked.map((key) => ring.slotAt(ring.placeOf(key, table, 0)));

const countsOf = (owners: readonly number[], agents: number): number[] => {
  const counts = new Array<number>(agents).fill(0);
  for (const owner of owners) counts[owner]!++;
  return counts;
};

describe('HashRing', () => {
  it('is the same whether agents came at once or one by one, and went', () => {
    const { table } = fleetOf({ agents: 201 });
    const few = keys.slice(0, 20);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 200 }), { maxLength: 60 }),
        fc.nat({ max: 30 }),
        (slots, gone) => {
          const ring = new HashRing([]);
          for (const slot of slots) ring.add(idOf(slot), slot);
          for (const slot of slots.slice(0, gone)) ring.remove(idOf(slot), slot);
          const whole = new HashRing(slots.slice(gone).map((slot) => ({ agentId: idOf(slot), slot })));
          expect(ring.size).toBe(whole.size);
          if (ring.size > 0) expect(ownersOf(ring, table, few)).toEqual(ownersOf(whole, table, few));
        },
      ),
    );
  });

  it('is even: nobody has half as much again as the mean, or less than half of it', () => {
    const { table } = fleetOf({ agents: 20 });
    const counts = countsOf(ownersOf(new HashRing(agentsOf(20)), table), 20);
    expect(Math.max(...counts)).toBeLessThan(300);
    expect(Math.min(...counts)).toBeGreaterThan(100);
  });

  it('draws keys by share', () => {
    const { table } = fleetOf({
      agents: 20,
      weights: Array.from({ length: 20 }, (_, at) => (at < 10 ? 1 : 3)),
    });
    const counts = countsOf(ownersOf(new HashRing(agentsOf(20)), table), 20);
    const heavy = counts.slice(10).reduce((sum, count) => sum + count, 0);
    expect(heavy / keys.length).toBeCloseTo(0.75, 1);
  });

  it('moves the keys of one who leaves and no others, and few to one who joins', () => {
    const { table } = fleetOf({ agents: 50 });
    const ring = new HashRing(agentsOf(50));
    const before = ownersOf(ring, table);
    ring.remove(idOf(7), 7);
    const without = ownersOf(ring, table);
    const moved = before.filter((owner, at) => owner !== without[at]);
    expect(moved.length).toBe(before.filter((owner) => owner === 7).length);
    expect(moved.every((owner) => owner === 7)).toBe(true);
    ring.add(idOf(7), 7);
    expect(ownersOf(ring, table)).toEqual(before);
  });
});

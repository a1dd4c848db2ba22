import { describe, expect, it } from '@jest/globals';
import { VectorClock } from '@nexus/core/causality';
import { SeededRandom } from '@nexus/testing';
import { type PlainClock, plainCompare, plainDecode, plainEncode, plainMerge } from './plain-clock.js';

const random = new SeededRandom(1);
const clock = (): PlainClock => {
  const names = ['a', 'b', 'c', 'd'].filter(() => random.chance(0.8));
  return new Map(names.map((name) => [name, random.integer(1, 2)]));
};

describe('the plain clock', () => {
  it('says what the vector clock says', () => {
    const orders = new Set<string>();
    for (let round = 0; round < 500; round += 1) {
      const [one, other] = [clock(), clock()];
      const order = plainCompare(one, other);
      expect(order).toBe(VectorClock.of(one).compare(VectorClock.of(other)));
      expect(VectorClock.of(plainMerge(one, other))).toEqual(
        VectorClock.of(one).merge(VectorClock.of(other)),
      );
      expect(plainDecode(plainEncode(one))).toEqual(one);
      orders.add(order);
    }
    expect(orders.size).toBe(4);
  });

  it('asks for each name once, and no further than it has to', () => {
    let asked = 0;
    class Counted extends Map<string, number> {
      override get(name: string): number | undefined {
        asked += 1;
        return super.get(name);
      }
    }
    const names = Array.from({ length: 30 }, (_, at) => `name-${at}`);
    const other = new Counted(names.map((name) => [name, 2]));
    expect(plainCompare(new Map(names.map((name) => [name, 2])), other)).toBe('equal');
    expect(asked).toBe(30);
    asked = 0;
    expect(plainCompare(new Map(names.map((name, at) => [name, at === 0 ? 1 : 3])), other)).toBe(
      'concurrent',
    );
    expect(asked).toBe(2);
  });
});

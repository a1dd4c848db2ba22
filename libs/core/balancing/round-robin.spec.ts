import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InMemoryRoundRobinCounter, roundRobin } from './index.js';

const idsOf = (size: number) => Array.from({ length: size }, (_, index) => `agent-${index}`);
const size = fc.integer({ min: 1, max: 40 });
const first = fc.nat({ max: Number.MAX_SAFE_INTEGER });

describe('roundRobin', () => {
  it('goes round from the number it is given', () => {
    expect(roundRobin(['a', 'b', 'c'], 4, 4)).toEqual(['b', 'c', 'a', 'b']);
  });

  it('stays exact up to the last safe integer', () => {
    const start = Number.MAX_SAFE_INTEGER;
    const expected = [0n, 1n, 2n].map((i) => `agent-${(BigInt(start) + i) % 7n}`);
    expect(roundRobin(idsOf(7), start, 3)).toEqual(expected);
  });

  it.each([
    ['no agents', [], 0, 1],
    ['a negative number', ['a'], -1, 1],
    ['an unsafe number', ['a'], 2 ** 53, 1],
    ['a fraction of a pick', ['a'], 0, 0.5],
  ])('is a defect with %s', (_, agents, number, count) => {
    expect(() => roundRobin(agents, number, count)).toThrow();
  });

  it('gives any two agents counts that differ by at most 1, however the numbers are split among takers', async () => {
    const takes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(size, takes, async (agents, takers) => {
        const counter = new InMemoryRoundRobinCounter();
        const counts = new Map(idsOf(agents).map((id) => [id, 0]));
        const picks = await Promise.all(
          takers.map(async (count) => roundRobin(idsOf(agents), await counter.take('all', count), count)),
        );
        for (const id of picks.flat()) counts.set(id, (counts.get(id) ?? 0) + 1);
        expect(counts.size).toBe(agents);
        expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('picks the same whether numbers are taken at once or one by one', () => {
    fc.assert(
      fc.property(size, first, fc.nat({ max: 50 }), (agents, start, count) => {
        fc.pre(start + count <= Number.MAX_SAFE_INTEGER);
        const single = Array.from({ length: count }, (_, i) =>
          roundRobin(idsOf(agents), start + i, 1),
        ).flat();
        expect(roundRobin(idsOf(agents), start, count)).toEqual(single);
      }),
    );
  });
});

describe('InMemoryRoundRobinCounter', () => {
  it('hands out each number once a target set', async () => {
    const counter = new InMemoryRoundRobinCounter();
    const firsts = await Promise.all([
      counter.take('all', 3),
      counter.take('all', 2),
      counter.take('group:g', 5),
    ]);
    expect(firsts).toEqual([0, 3, 0]);
    expect(await counter.take('all', 1)).toBe(5);
  });

  it('forgets the series that was used longest ago beyond its bound', async () => {
    const counter = new InMemoryRoundRobinCounter(2);
    for (const targetSet of ['x', 'y', 'x', 'z']) await counter.take(targetSet, 1);
    expect(await counter.take('x', 1)).toBe(2);
    expect(await counter.take('y', 1)).toBe(0);
  });
});

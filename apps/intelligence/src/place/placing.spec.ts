import { describe, expect, it } from '@jest/globals';
import { type PlaceableNode, placeOn } from './placing.js';

const node = (name: string, predictedMs: number | null, agents = 4): PlaceableNode => ({
  ...{ node: name, agents, predictedMs },
  samples: predictedMs === null ? 3 : 50,
});
const countsOf = (placed: readonly string[]) =>
  Object.fromEntries(
    [...new Set(placed)].sort().map((name) => [name, placed.filter((one) => one === name).length]),
  );

describe('placeOn', () => {
  it('places where work takes least, and more there than elsewhere', () => {
    const nodes = [node('slow', 40), node('fast', 10)];
    expect(placeOn(nodes, 1, 'k')).toEqual({ placed: ['fast'], by: 'model' });
    expect(countsOf(placeOn(nodes, 100, 'k').placed)).toEqual({ fast: 82, slow: 18 });
  });

  it('places more where there are more agents to carry it', () => {
    expect(countsOf(placeOn([node('one', 10, 1), node('nine', 10, 9)], 50, 'k').placed)).toEqual({
      nine: 45,
      one: 5,
    });
  });

  it('does not give everything to one that answers in no time', () => {
    expect(countsOf(placeOn([node('a', 0), node('b', 0)], 10, 'k').placed)).toEqual({ a: 5, b: 5 });
  });

  describe('where too little is known of a node', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e'].map((name) => node(name, name === 'c' ? null : 10));

    it('keeps a key where it was, however the nodes are listed, and when others join', () => {
      const before = Array.from({ length: 200 }, (_, at) => placeOn(nodes, 1, `key ${at}`));
      expect(new Set(before.map(({ by }) => by))).toEqual(new Set(['consistent_hashing']));
      const shuffled = [...nodes].reverse();
      const more = [...nodes, node('f', 10)];
      const moved = before.filter(({ placed }, at) => placeOn(more, 1, `key ${at}`).placed[0] !== placed[0]);
      for (const [at, { placed }] of before.entries()) {
        expect(placeOn(shuffled, 1, `key ${at}`).placed).toEqual(placed);
      }
      expect(moved.length).toBeGreaterThan(10);
      expect(moved.length).toBeLessThan(70);
    });

    it('lets no node have more than its part by a quarter', () => {
      const counts = countsOf(placeOn(nodes, 100, 'group').placed);
      expect(Object.keys(counts)).toHaveLength(5);
      expect(Math.max(...Object.values(counts))).toBeLessThanOrEqual(26);
    });
  });
});

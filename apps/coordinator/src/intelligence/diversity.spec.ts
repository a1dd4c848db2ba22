import { describe, expect, it } from '@jest/globals';
import { type Route } from '@nexus/contracts';
import { diversityOf } from './diversity.js';

const fleet = (rows: readonly (readonly [node: string, ...capabilities: string[]])[]) =>
  rows.map(([node, ...capabilities]) => ({ node, capabilities }) as unknown as Route);

describe('diversityOf', () => {
  it('is 0 when all are of one kind, 1 when no two are, and 0 of nobody', () => {
    const same = fleet([
      ['n', 'a', 'b'],
      ['n', 'b', 'a'],
    ]);
    expect(diversityOf(same)).toBe(0);
    expect(diversityOf(fleet([['n'], ['m'], ['n', 'a']]))).toBe(1);
    expect(diversityOf(fleet([['n'], ['n'], ['m']]))).toBe(0.5);
    expect([diversityOf([]), diversityOf(fleet([['n']]))]).toEqual([0, 0]);
  });

  it('looks at some of a large fleet, evenly', () => {
    const large = fleet(Array.from({ length: 10_000 }, (_, at) => [at < 5_000 ? 'n' : 'm'] as const));
    expect(diversityOf(large)).toBeCloseTo(1 / 63, 5);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type GossipFigures, type Life, newLife } from '../members/life.js';
import { allSayConverged } from './agreement.js';

const told = (atMs: number, converged: boolean): Life => {
  const latest = { atMs, converged } as GossipFigures;
  return { ...newLife({ id: 'a', role: 'agent' }, 0), figures: { first: latest, latest } };
};

describe('what members say of convergence', () => {
  it('counts when all have said so since', () => {
    expect(allSayConverged([told(1_000, true), told(2_000, true)], 1_000)).toBe(true);
    expect(allSayConverged([told(1_000, true), told(2_000, false)], 1_000)).toBe(false);
  });

  it('does not count when it was said before, or nothing was', () => {
    expect(allSayConverged([told(1_000, true), told(999, true)], 1_000)).toBe(false);
    expect(allSayConverged([told(1_000, true), newLife({ id: 'b', role: 'agent' }, 0)], 1_000)).toBe(false);
    expect(allSayConverged([undefined], 1_000)).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type AlgorithmName, algorithmNames } from '@nexus/core/balancing';
import { contest } from './contest.js';

const durationMs = 12_000;
const run = (contestant: AlgorithmName | 'random', utilisation: number) =>
  contest({ seed: 7, contestant, utilisation, durationMs });

describe('balancing unequal agents', () => {
  it('gives the same figures for the same seed', () => {
    expect(run('peak_ewma', 0.7)).toEqual(run('peak_ewma', 0.7));
  });

  it.each([0.7, 0.9])('is far better than chance with the best algorithm, at a load of %d', (utilisation) => {
    const best = run('peak_ewma', utilisation);
    expect(best.p99Ms).toBeLessThanOrEqual(0.3 * run('random', utilisation).p99Ms);
    expect(best.p99Ms).toBeLessThanOrEqual(0.3 * run('round_robin', utilisation).p99Ms);
  });

  it.each(algorithmNames)('by %s gives next to nothing to one who fails fast, and is not lied to', (name) => {
    const { failerShare, liarByFairShare, errorShare } = run(name, 0.9);
    expect(failerShare).toBeLessThanOrEqual(0.01);
    expect(liarByFairShare).toBeLessThanOrEqual(1.5);
    expect(errorShare).toBeLessThan(0.05);
  });

  it('by chance goes on giving work to one who fails fast', () => {
    expect(run('random', 0.9).failerShare).toBeGreaterThan(0.04);
  });
});

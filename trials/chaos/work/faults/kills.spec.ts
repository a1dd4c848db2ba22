import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import { planKills } from './kills.js';

const ids = Array.from({ length: 20 }, (_, at) => `agent-${at}`);
const plan = (share: number, seed = 1, agentIds = ids) => planKills(agentIds, share, new SeededRandom(seed));

describe('planKills', () => {
  it('kills the share of the agents, each once, in the order of the moments', () => {
    const kills = plan(0.3);
    expect(new Set(kills.map(({ agentId }) => agentId)).size).toBe(6);
    const shares = kills.map(({ atShare }) => atShare);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(Math.max(...shares)).toBeLessThan(0.75);
  });

  it('kills one at least, and leaves one', () => {
    expect(plan(0.01)).toHaveLength(1);
    expect(plan(0.99, 1, ['a', 'b'])).toHaveLength(1);
  });

  it('is decided by the seed', () => {
    expect(plan(0.3, 7)).toEqual(plan(0.3, 7));
    expect(plan(0.3, 7)).not.toEqual(plan(0.3, 8));
  });
});

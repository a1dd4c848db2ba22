import { describe, expect, it } from '@jest/globals';
import { castOf, downMaxOf, isWeighed } from './cast.js';

describe('the cast', () => {
  it('has, of twelve services, three replicas of the log, two of routing, three coordinators and four of gossip', () => {
    const roles = castOf(12, 50).map(({ role }) => role);
    const count = (wanted: string) => roles.filter((role) => role === wanted).length;
    expect(['consensus', 'routing', 'coordinator', 'gossip', 'agent'].map(count)).toEqual([3, 2, 3, 4, 50]);
  });

  it('has one of each service first', () => {
    expect(castOf(4, 1).map(({ id }) => id)).toEqual([
      ...['consensus-1', 'routing-1', 'coordinator-1', 'gossip-1', 'agent-1'],
    ]);
  });

  it('weighs every service, and one agent in five', () => {
    const weighed = castOf(12, 50).filter(isWeighed);
    const agents = weighed.filter(({ role }) => role === 'agent').map(({ id }) => id);
    expect([weighed.length - agents.length, agents.length, agents[0]]).toEqual([12, 10, 'agent-5']);
  });

  it('leaves the log its majority, and each other service one', () => {
    expect(downMaxOf('consensus', 3)).toBe(1);
    expect(downMaxOf('consensus', 1)).toBe(0);
    expect(downMaxOf('routing', 2)).toBe(1);
    expect(downMaxOf('agent', 50)).toBe(50);
  });
});

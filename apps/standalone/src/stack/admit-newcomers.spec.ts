import { describe, expect, it } from '@jest/globals';
import { type ConsensusStatus } from '@nexus/contracts';
import { wanting } from './admit-newcomers.js';

const replicaIds = ['consensus-1', 'consensus-2', 'consensus-3'];

const statusOf = (voters: string[], learners: string[] = [], newcomers: string[] = []) =>
  ({
    ...{ leader: 'consensus-1', term: 1, silent: [] },
    replicas: [
      { replicaId: 'consensus-2', members: { voters: [], learners: [] }, newcomers: [] },
      { replicaId: 'consensus-1', members: { voters, learners }, newcomers },
    ],
  }) as unknown as ConsensusStatus;

describe('wanting', () => {
  it('names one newcomer at a time, by the word of the leader', () => {
    expect(wanting(statusOf(['consensus-1'], [], ['consensus-3', 'consensus-2']), replicaIds)).toEqual({
      missing: ['consensus-2', 'consensus-3'],
      newcomer: 'consensus-2',
    });
  });

  it('lets nobody in who is learning, or has not asked', () => {
    expect(wanting(statusOf(['consensus-1'], ['consensus-2'], ['consensus-2']), replicaIds)).toEqual({
      missing: ['consensus-2', 'consensus-3'],
      newcomer: undefined,
    });
  });

  it('wants nothing once all vote, and everything while nobody leads', () => {
    expect(wanting(statusOf(replicaIds), replicaIds)).toEqual({ missing: [], newcomer: undefined });
    const leaderless = { ...statusOf(replicaIds), leader: null };
    expect(wanting(leaderless, replicaIds).missing).toEqual(replicaIds);
  });
});

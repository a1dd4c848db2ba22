import { describe, expect, it } from '@jest/globals';
import { initialReplicas, loadConsensusConfig, timingOf } from './consensus.config.js';

describe('the configuration of consensus', () => {
  it('is a group of one with the times of the seed when nothing is set', () => {
    const config = loadConsensusConfig({});
    expect(initialReplicas(config)).toEqual(['consensus-1']);
    expect(timingOf(config)).toEqual({ tickMs: 10, heartbeatMs: 50, electionMsMin: 150, electionMsMax: 300 });
    expect(config.consensusTimeoutMs).toBe(10_000);
  });

  it('reads the group in any order, and times apart from the preset', () => {
    const config = loadConsensusConfig({
      NEXUS_CONSENSUS_REPLICAS: 'c, a,b, a',
      NEXUS_CONSENSUS_TIMING: 'lan',
      NEXUS_CONSENSUS_HEARTBEAT_MS: '200',
    });
    expect(initialReplicas(config)).toEqual(['a', 'b', 'c']);
    expect(timingOf(config)).toMatchObject({ heartbeatMs: 200, electionMsMin: 1_000 });
  });

  it('names everything that is at odds, at once', () => {
    const load = () =>
      loadConsensusConfig({
        NEXUS_CONSENSUS_REPLICAS: 'a,b c',
        NEXUS_CONSENSUS_HEARTBEAT_MS: '120',
        NEXUS_CONSENSUS_ELECTION_MS_MAX: '150',
      });
    expect(load).toThrow(/NEXUS_CONSENSUS_REPLICAS/);
    expect(load).toThrow(/NEXUS_CONSENSUS_ELECTION_MS_MIN: must be two heartbeats/);
    expect(load).toThrow(/NEXUS_CONSENSUS_ELECTION_MS_MAX: must be above the shortest/);
  });
});

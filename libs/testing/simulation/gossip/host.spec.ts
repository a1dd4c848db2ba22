import { describe, expect, it } from '@jest/globals';
import { defaultGossipOptions, GossipMember, messageBytes } from '@nexus/core/gossip';
import { calmCluster } from './calm-cluster.js';

describe('a simulated machine', () => {
  it('reads what has arrived before a round that is due, as a real member does', () => {
    const kinds: string[] = [];
    const cluster = calmCluster({
      ...{ nodes: 3, loss: 0, seed: 1, settings: defaultGossipOptions, vitals: '' },
      cores: { GossipMember, messageBytes },
      watch: (id, { kind }) => {
        if (id === 'm1') kinds.push(kind);
      },
    });
    const { timeline } = cluster.context;
    for (const host of cluster.hosts.values()) host.start();
    timeline.run(10_000);
    const resume = cluster.hosts.get('m1')!.process!.pause();
    timeline.run(40_000);
    kinds.length = 0;
    resume();
    timeline.run(40_100);
    const round = kinds.indexOf('round');
    expect(round).toBeGreaterThan(1);
    expect(new Set(kinds.slice(0, round - 1))).toEqual(new Set(['message']));
  });
});

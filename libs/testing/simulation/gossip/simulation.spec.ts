import { describe, expect, it } from '@jest/globals';
import { GossipMember, messageBytes } from '@nexus/core/gossip';
import { shrinkSeed } from '../simulation.js';
import { itKeepsItsPromises } from '../testdata/promises.js';
import { gossipSimulation } from './run-seed.js';

const exercised = [
  ...['gossip: joined', 'gossip: suspected', 'gossip: dead', 'gossip: left', 'gossip: recovered'],
  ...['gossip: restarted', 'gossip: keys put', 'gossip: keys removed', 'gossip: deaths noticed'],
  'gossip: newcomers welcomed',
  ...['gossip: said to be converged', 'gossip: goodbyes'],
  ...['network: lost', 'network: duplicated', 'network: reordered', 'network: cut off'],
  ...['fault: crash', 'fault: pause', 'fault: skew', 'fault: storm', 'fault: clock', 'fault: leave'],
  ...['fault: partition both', 'fault: partition in', 'fault: partition out'],
  ...['refused: about_us', 'refused: not_its_own', 'refused: implausible', 'refused: from_the_future'],
];

describe('gossip in a simulated world', () => {
  const simulation = gossipSimulation({ GossipMember, messageBytes });
  itKeepsItsPromises({ simulation, command: 'npm run sim -- gossip', seeds: 16, exercised });

  it.each([
    [363, 'everybody is gone for good'],
    [484, 'all agree upon a life that was replaced meanwhile'],
    [883, 'somebody hears nothing of a later life but its goodbye'],
  ])('keeps its promises with seed %d, where %s', (seed) => {
    expect(simulation.run(seed).violation).toBeNull();
  });
});

describe('a run of gossip that breaks a promise', () => {
  /** Believes itself in agreement at all times. */
  class Confident extends GossipMember {
    override convergence(): ReturnType<GossipMember['convergence']> {
      return { ...super.convergence(), converged: true };
    }
  }
  const confident = gossipSimulation({ GossipMember: Confident, messageBytes });

  it('is reported by the promise, and shrunk to the steps that it takes', () => {
    const { violation } = confident.run(1);
    expect(violation?.invariant).toMatch(/converged/);
    expect(shrinkSeed(confident, 1, 10).length).toBeLessThanOrEqual(confident.plan(1).length);
  });
});

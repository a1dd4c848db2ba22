import { beforeAll, describe, expect, it } from '@jest/globals';
import { GossipMember, messageBytes } from '@nexus/core/gossip';
import { type Coverage } from '../coverage.js';
import { shrinkSeed, type SimulationResult, totalCoverage } from '../simulation.js';
import { gossipSimulation } from './run-seed.js';

const simulation = gossipSimulation({ GossipMember, messageBytes });
const seeds = Array.from({ length: 16 }, (_, at) => at + 1);

/** What a simulator must meet with, or it proves nothing about it. */
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
  let results: SimulationResult[];
  let coverage: Coverage;
  beforeAll(() => {
    results = seeds.map((seed) => simulation.run(seed));
    coverage = totalCoverage(results);
  });

  it('keeps every promise on 16 seeds', () => {
    const broken = results.filter(({ violation }) => violation !== null);
    expect(
      broken.map(({ seed, violation }) => `npm run sim -- gossip --seed ${seed}: ${violation!.invariant}`),
    ).toEqual([]);
  });

  it.each(exercised)('exercises: %s', (kind) => {
    expect(coverage.of(kind)).toBeGreaterThan(0);
  });

  it('gives the same trace for the same seed, and another for another', () => {
    const hashes = [1, 2].map((seed) => simulation.run(seed, { keepsLines: seed === 2 }).hash);
    expect(hashes).toEqual(results.slice(0, 2).map(({ hash }) => hash));
    expect(new Set(results.map(({ hash }) => hash)).size).toBe(seeds.length);
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

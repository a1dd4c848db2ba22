import { beforeAll, describe, expect, it } from '@jest/globals';
import { CausalReceiver, CausalSender, Kept, type Stamp } from '@nexus/core/causality';
import { type Coverage } from '../coverage.js';
import { type SimulationResult, totalCoverage } from '../simulation.js';
import { lies } from './plan.js';
import { causalitySimulation } from './run-seed.js';

const cores = { CausalSender, CausalReceiver, Kept };
const simulation = causalitySimulation(cores);
const seeds = Array.from({ length: 30 }, (_, at) => at + 1);

/** What a simulator must meet with, or it proves nothing about it. */
const exercised = [
  ...['causality: broadcasts', 'causality: targeted', 'causality: repaired', 'causality: gaps'],
  ...['causality: repairs asked of sender', 'causality: repairs asked of everybody'],
  ...['causality: pruned as stable', 'refused: duplicate', 'refused: before_start', 'refused: no_room'],
  ...['network: lost', 'network: duplicated', 'network: reordered', 'network: cut off'],
  ...['fault: last words', 'fault: crash', 'fault: pause', 'fault: storm', 'fault: partition both'],
  ...lies.map((lie) => `lie: ${lie}`),
];

describe('causal delivery in a simulated world', () => {
  let results: SimulationResult[];
  let coverage: Coverage;
  beforeAll(() => {
    results = seeds.map((seed) => simulation.run(seed));
    coverage = totalCoverage(results);
  });

  it('keeps every promise on 30 seeds', () => {
    const broken = results.filter(({ violation }) => violation !== null);
    expect(
      broken.map(({ seed, violation }) => `npm run sim -- causality --seed ${seed}: ${violation!.invariant}`),
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

  it('finds what happened before by itself: stamps that say nothing are found out', () => {
    class Mute extends CausalSender {
      override broadcast(channel: string, nowMs: number): Stamp {
        return { ...super.broadcast(channel, nowMs), after: new Map() };
      }
    }
    const mute = causalitySimulation({ ...cores, CausalSender: Mute });
    const broken = seeds.map((seed) => mute.run(seed).violation?.invariant);
    expect(broken).toContain('what happened before is delivered before');
  });
});

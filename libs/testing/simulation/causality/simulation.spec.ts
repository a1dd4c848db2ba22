import { describe, expect, it } from '@jest/globals';
import { CausalReceiver, CausalSender, Kept, type Stamp } from '@nexus/core/causality';
import { itKeepsItsPromises } from '../testdata/promises.js';
import { lies } from './plan.js';
import { causalitySimulation } from './run-seed.js';

const cores = { CausalSender, CausalReceiver, Kept };

const exercised = [
  ...['causality: broadcasts', 'causality: targeted', 'causality: repaired', 'causality: gaps'],
  ...['causality: repairs asked of sender', 'causality: repairs asked of everybody'],
  ...['causality: pruned as stable', 'refused: duplicate', 'refused: before_start', 'refused: no_room'],
  ...['network: lost', 'network: duplicated', 'network: reordered', 'network: cut off'],
  ...['fault: last words', 'fault: crash', 'fault: pause', 'fault: storm', 'fault: partition both'],
  ...lies.map((lie) => `lie: ${lie}`),
];

describe('causal delivery in a simulated world', () => {
  const simulation = causalitySimulation(cores);
  const runs = itKeepsItsPromises({
    ...{ simulation, command: 'npm run sim -- causality', seeds: 30, exercised },
  });

  it('finds what happened before by itself: stamps that say nothing are found out', () => {
    class Mute extends CausalSender {
      override broadcast(channel: string, nowMs: number): Stamp {
        return { ...super.broadcast(channel, nowMs), after: new Map() };
      }
    }
    const mute = causalitySimulation({ ...cores, CausalSender: Mute });
    const broken = runs.results.map(({ seed }) => mute.run(seed).violation?.invariant);
    expect(broken).toContain('what happened before is delivered before');
  });
});

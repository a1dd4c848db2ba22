import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { bestOf, decisionNames, judged, loggedDecisions as loggedBy } from '../testdata/decisions.js';
import { fleetRow } from '../testdata/synthetic.js';
import { growClassifier } from '../tree/classifier.js';
import { describePath } from '../tree/tree.js';
import { fitStrategy, type StrategyInput } from './fitting.js';
import { StrategyModel } from './strategy-model.js';

const loggedDecisions = (seed: number, size: number) => loggedBy(new SeededRandom(seed), size);
const unseen = (seed: number) => new SeededRandom(seed).fork('unseen');

const fitted = (input: StrategyInput): StrategyModel => {
  const result = fitStrategy(input);
  if (result.kind !== 'fitted') throw new Error('there are enough decisions');
  return result.model;
};

describe('fitStrategy', () => {
  it.each([61, 62, 63])(
    'learns what is best where a tree of what was done learns the habit, seed %d',
    (seed) => {
      const input = loggedDecisions(seed, 3_000);
      const model = fitted(input);
      const ours = judged(unseen(seed), (row) => model.choose(row).action);
      const habits = growClassifier(input.samples, input.actions, ['flat', 'hierarchical', 'mesh']);
      if (habits.kind !== 'grown') throw new Error('there are enough decisions');
      const naive = judged(unseen(seed), (row) => habits.tree.labelOf(Float64Array.from(row)));
      expect(ours.accuracy).toBeGreaterThan(0.9);
      expect(naive.accuracy).toBeLessThan(0.6);
      expect(ours.value).toBeGreaterThan(judged(unseen(seed), bestOf).value - 0.03);
    },
  );

  it('says what it chooses, by how much, how surely and why', () => {
    const model = fitted(loggedDecisions(64, 3_000));
    const { action, advantages, odds, probability, samples, leaf } = model.choose([60, 20, 0, 0]);
    expect(action).toBe(0);
    expect(advantages[0]).toBe(0);
    expect(Math.abs(advantages[1]! - 0.3)).toBeLessThan(0.15);
    expect(probability).toBeGreaterThan(0.95);
    expect(odds[0]).toBe(0.5);
    expect(odds[2]).toBeGreaterThan(0.95);
    expect(samples).toBeGreaterThan(100);
    const words = describePath(model.pathOf(leaf), decisionNames);
    expect(words).toMatch(/agents <= 1[45]\d/);
    expect(words).toMatch(/latencyMs <= (5[89]|6[012])/);
    expect(model.leaves().some((choice) => choice.leaf === leaf)).toBe(true);
  });

  it('chooses no action that was hardly tried, and says what is missing', () => {
    const input = loggedDecisions(67, 600);
    const without = Array.from(input.actions, (action) => (action === 0 ? 1 : action));
    const model = fitted({ ...input, actions: without });
    expect(new Set(model.leaves().map(({ action }) => action)).has(0)).toBe(false);
    expect(model.choose([60, 20, 0, 0]).advantages[0]).toBeNull();
    const always = new Int32Array(600).fill(1);
    expect(fitStrategy({ ...input, actions: always })).toEqual({
      kind: 'insufficient',
      ...{ of: 'actions', have: 1, need: 2 },
    });
    const unusable = input.rewards.map((reward, at) => (at < 99 ? reward : NaN));
    expect(fitStrategy({ ...input, rewards: unusable })).toEqual({
      kind: 'insufficient',
      ...{ of: 'samples', have: 99, need: 100 },
    });
  });

  it('comes back from JSON as it was', () => {
    const model = fitted(loggedDecisions(68, 1_000));
    expect(JSON.stringify(model.snapshot())).not.toContain('null');
    const restored = StrategyModel.restore(JSON.parse(JSON.stringify(model.snapshot())))!;
    const random = new SeededRandom(69);
    for (let at = 0; at < 200; at++) {
      const row = fleetRow(random, 2);
      expect(restored.choose(row)).toEqual(model.choose(row));
      expect(restored.pathOf(model.choose(row).leaf)).toEqual(model.pathOf(model.choose(row).leaf));
    }
  });
});

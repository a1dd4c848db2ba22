import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { Samples } from '../samples/samples.js';
import { fleetRow, normalOf } from '../testdata/synthetic.js';
import { growClassifier } from '../tree/classifier.js';
import { describePath } from '../tree/tree.js';
import { fitStrategy, isBetter, type FittedStrategy, type StrategyInput } from './fitting.js';
import { StrategyModel } from './strategy-model.js';

const seeds = [61, 62, 63];
const actionCount = 3;
const names = ['agents', 'latencyMs', 'a', 'b'];

/** Flat for few agents, a hierarchy for many, unless they are slow: then a mesh. */
const bestOf = (row: ArrayLike<number>) => (row[1]! > 60 ? 2 : row[0]! > 150 ? 1 : 0);

/** A bad day (slow agents) is bad whatever is done. What is right brings 0.3 more than what is not. */
const meanReward = (row: ArrayLike<number>, action: number) =>
  1 - 0.01 * row[1]! + (action === bestOf(row) ? 0.3 : 0);

/** Somebody's habit decides, three times in four: a mesh for few agents and a hierarchy for many, be it wrong or right. */
function loggedDecisions(seed: number, size: number): StrategyInput & { readonly rewards: Float64Array } {
  const random = new SeededRandom(seed);
  const samples = new Samples(names.length);
  const actions = new Int32Array(size);
  const propensities = new Float64Array(size);
  const rewards = new Float64Array(size);
  for (let at = 0; at < size; at++) {
    const row = fleetRow(random, 2);
    samples.add(row);
    const habit = row[0]! > 100 ? 1 : 2;
    const action = random.chance(0.625) ? habit : random.integer(0, 2);
    actions[at] = action;
    propensities[at] = action === habit ? 0.75 : 0.125;
    rewards[at] = meanReward(row, action) + 0.2 * normalOf(random);
  }
  return { samples, actions, propensities, rewards, actionCount };
}

const fitted = (input: StrategyInput): FittedStrategy => {
  const result = fitStrategy(input);
  if (result.kind !== 'fitted') throw new Error('there are enough decisions');
  return result;
};

/** How often a choice is the best one, and what it brings on average. */
function judged(seed: number, choose: (row: ArrayLike<number>) => number) {
  const random = new SeededRandom(seed).fork('unseen');
  let right = 0;
  let value = 0;
  for (let at = 0; at < 4_000; at++) {
    const row = fleetRow(random, 2);
    const action = choose(row);
    if (action === bestOf(row)) right += 1;
    value += meanReward(row, action) / 4_000;
  }
  return { accuracy: right / 4_000, value };
}

describe('fitStrategy', () => {
  it.each(seeds)('learns what is best where a tree of what was done learns the habit, seed %d', (seed) => {
    const input = loggedDecisions(seed, 3_000);
    const { model, evaluation } = fitted(input);
    const ours = judged(seed, (row) => model.choose(row).action);
    const habits = growClassifier(input.samples, input.actions, ['flat', 'hierarchical', 'mesh']);
    if (habits.kind !== 'grown') throw new Error('there are enough decisions');
    const naive = judged(seed, (row) => habits.tree.labelOf(Float64Array.from(row)));
    expect(ours.accuracy).toBeGreaterThan(0.9);
    expect(naive.accuracy).toBeLessThan(0.6);
    // What it says of itself, and of each action, is near the truth.
    expect(Math.abs(evaluation.policy.value - ours.value)).toBeLessThan(4 * evaluation.policy.standardError);
    for (let action = 0; action < actionCount; action++) {
      const single = evaluation.singles[action]!;
      const truth = judged(seed, () => action).value;
      expect(Math.abs(single.value - truth)).toBeLessThan(4 * single.standardError);
    }
    expect(isBetter(evaluation, 0)).toBe(true);
    expect(isBetter(evaluation, 0.5)).toBe(false);
  });

  it('says what it chooses, by how much, how surely and why', () => {
    const { model } = fitted(loggedDecisions(64, 3_000));
    const { action, advantages, probability, samples, leaf } = model.choose([60, 20, 0, 0]);
    expect(action).toBe(0);
    expect(advantages[0]).toBe(0);
    expect(Math.abs(advantages[1]! - 0.3)).toBeLessThan(0.15);
    expect(probability).toBeGreaterThan(0.95);
    expect(samples).toBeGreaterThan(100);
    const words = describePath(model.pathOf(leaf), names);
    expect(words).toMatch(/agents <= 1[45]\d/);
    expect(words).toMatch(/latencyMs <= (5[89]|6[012])/);
    expect(model.leaves().some((choice) => choice.leaf === leaf)).toBe(true);
  });

  it('is unsure where all are alike, and is not better than one of them', () => {
    const better = seeds.filter((seed) => {
      const input = loggedDecisions(seed, 1_500);
      const random = new SeededRandom(seed);
      const { evaluation } = fitted({ ...input, rewards: input.rewards.map(() => normalOf(random)) });
      return isBetter(evaluation, 0);
    });
    expect(better).toEqual([]);
  });

  it('compares with the strategy of today, sample by sample', () => {
    const poor = fitted(loggedDecisions(65, 200)).model;
    const { model, evaluation } = fitted({ ...loggedDecisions(66, 4_000), champion: poor });
    const truth =
      judged(66, (row) => model.choose(row).action).value -
      judged(66, (row) => poor.choose(row).action).value;
    const { value, standardError } = evaluation.overChampion!;
    expect(Math.abs(value - truth)).toBeLessThan(4 * standardError);
    const same = fitted({ ...loggedDecisions(66, 4_000), champion: model });
    expect(same.evaluation.overChampion).toMatchObject({ value: 0, low: 0, high: 0 });
    expect(isBetter(same.evaluation, 0)).toBe(false);
  });

  it('compares with what is done without any strategy, whatever is the best action in hindsight', () => {
    const input = { ...loggedDecisions(70, 4_000), baseline: 2 };
    const { model, evaluation } = fitted(input);
    const gain = (choose: (row: ArrayLike<number>) => number) =>
      judged(70, choose).value - judged(70, () => 2).value;
    const { value, standardError } = evaluation.overBaseline!;
    expect(Math.abs(value - gain((row) => model.choose(row).action))).toBeLessThan(4 * standardError);
    expect(isBetter(evaluation, 0)).toBe(true);
    const { odds } = model.choose([60, 20, 0, 0]);
    expect(odds[0]).toBe(0.5);
    expect(odds[2]).toBeGreaterThan(0.95);
    // Once there is a strategy, it is the one to beat; whether it still beats the baseline is told beside.
    const { evaluation: next } = fitted({ ...input, champion: model });
    expect(isBetter(next, 0)).toBe(false);
    expect(next.championOverBaseline).toEqual(next.overBaseline);
  });

  it('chooses no action that was hardly tried, and says what is missing', () => {
    const input = loggedDecisions(67, 600);
    const without = Array.from(input.actions, (action) => (action === 0 ? 1 : action));
    const { model, evaluation } = fitted({ ...input, actions: without });
    expect(new Set(model.leaves().map(({ action }) => action)).has(0)).toBe(false);
    expect([model.choose([60, 20, 0, 0]).advantages[0], evaluation.singles[0]]).toEqual([null, null]);
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
    const { model, evaluation } = fitted(loggedDecisions(68, 1_000));
    expect(JSON.stringify([model.snapshot(), evaluation.policy, evaluation.singles])).not.toContain('null');
    const restored = StrategyModel.restore(JSON.parse(JSON.stringify(model.snapshot())))!;
    const random = new SeededRandom(69);
    for (let at = 0; at < 200; at++) {
      const row = fleetRow(random, 2);
      expect(restored.choose(row)).toEqual(model.choose(row));
      expect(restored.pathOf(model.choose(row).leaf)).toEqual(model.pathOf(model.choose(row).leaf));
    }
  });
});

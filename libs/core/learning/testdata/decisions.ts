import { Samples, type StrategyInput } from '../index.js';
import { type Chance, fleetRow, normalOf } from './synthetic.js';

const actionCount = 3;
export const decisionNames = ['agents', 'latencyMs', 'a', 'b'];

/** Flat for few agents, a hierarchy for many, unless they are slow: then a mesh. */
export const bestOf = (row: ArrayLike<number>) => (row[1]! > 60 ? 2 : row[0]! > 150 ? 1 : 0);

/** A bad day (slow agents) is bad whatever is done. What is right brings 0.3 more than what is not. */
export const meanReward = (row: ArrayLike<number>, action: number) =>
  1 - 0.01 * row[1]! + (action === bestOf(row) ? 0.3 : 0);

/** Somebody's habit decides, three times in four: a mesh for few agents and a hierarchy for many, be it wrong or right. */
export function loggedDecisions(
  random: Chance,
  size: number,
  mean = meanReward,
): StrategyInput & { readonly rewards: Float64Array } {
  const samples = new Samples(decisionNames.length);
  const actions = new Int32Array(size);
  const propensities = new Float64Array(size);
  const rewards = new Float64Array(size);
  for (let at = 0; at < size; at++) {
    const row = fleetRow(random, 2);
    samples.add(row);
    const habit = row[0]! > 100 ? 1 : 2;
    const action = random.next() < 0.625 ? habit : random.integer(0, 2);
    actions[at] = action;
    propensities[at] = action === habit ? 0.75 : 0.125;
    rewards[at] = mean(row, action) + 0.2 * normalOf(random);
  }
  return { samples, actions, propensities, rewards, actionCount };
}

/** Of unseen situations: how often a choice is the best one, and what it brings on average. */
export function judged(random: Chance, choose: (row: ArrayLike<number>) => number) {
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

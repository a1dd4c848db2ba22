import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { normalOf } from '../testdata/synthetic.js';
import { explore } from './exploring.js';
import { advantageOf, doublyRobustScores, ips, selfNormalisedIps, valueOf } from './off-policy.js';

describe('explore', () => {
  it('takes each action as often as its propensity says', () => {
    const random = new SeededRandom(51);
    const input = { count: 4, greedy: 2, share: 0.2, random: () => random.next() };
    const counts = [0, 0, 0, 0];
    const propensities = new Map<number, number>();
    for (let at = 0; at < 40_000; at++) {
      const { action, propensity, explored } = explore(input);
      counts[action]! += 1;
      propensities.set(action, propensity);
      if (!explored) expect(action).toBe(2);
    }
    expect(propensities.get(2)).toBeCloseTo(0.85, 12);
    for (const [action, count] of counts.entries()) {
      expect(Math.abs(count / 40_000 - propensities.get(action)!)).toBeLessThan(0.01);
    }
  });

  it('takes only what is allowed, with propensities that add up to 1', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(9), { minLength: 1 }),
        fc.integer({ min: -1, max: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (allowed, greedy, share, seed) => {
          const random = new SeededRandom(seed);
          const seen = new Map<number, number>();
          for (let at = 0; at < 200; at++) {
            const { action, propensity } = explore({
              ...{ count: 10, greedy, share, allowed },
              random: () => random.next(),
            });
            expect(allowed).toContain(action);
            expect(propensity).toBeGreaterThan(0);
            seen.set(action, propensity);
          }
          const sum = [...seen.values()].reduce((total, propensity) => total + propensity, 0);
          if (seen.size === allowed.length) expect(sum).toBeCloseTo(1, 9);
          expect(sum).toBeLessThan(1 + 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes what is best when nothing is to be explored', () => {
    expect(explore({ count: 3, greedy: 1, share: 0, random: () => 0 })).toEqual({
      action: 1,
      propensity: 1,
      explored: false,
    });
  });
});

/** Two actions; action 1 brings x, action 0 brings 0.5; action 1 was seldom taken where x is small. */
function logged(seed: number, size = 3_000) {
  const random = new SeededRandom(seed);
  const xs = Float64Array.from({ length: size }, () => random.next());
  const likelihoods = xs.map((x) => 0.1 + 0.8 * x);
  const actions = Int32Array.from(likelihoods, (likelihood) => (random.chance(likelihood) ? 1 : 0));
  const propensities = likelihoods.map((likelihood, at) => (actions[at] === 1 ? likelihood : 1 - likelihood));
  const rewards = xs.map((x, at) => (actions[at] === 1 ? x : 0.5) + 0.2 * normalOf(random));
  return { xs, actions, propensities, rewards };
}

describe('estimates of what was not done', () => {
  const seeds = Array.from({ length: 40 }, (_, at) => 52 + at);
  // Where x > 0.5 action 1, else 0: E[max(x, 0.5)].
  const truth = 0.625;

  it('hold the truth in their interval about as often as they say, where the naive mean does not', () => {
    const held = { ips: 0, selfNormalised: 0, doublyRobust: 0, naive: 0 };
    for (const seed of seeds) {
      const { xs, actions, propensities, rewards } = logged(seed);
      const chosen = Int32Array.from(xs, (x) => (x > 0.5 ? 1 : 0));
      // A poor model of the outcome: the propensities make up for it.
      const predicted = Float64Array.from({ length: 2 * xs.length }, () => 0.4);
      const scores = doublyRobustScores({ rewards, actions, propensities, predicted, actionCount: 2 });
      const holds = ({ low, high }: { low: number; high: number }, value: number) =>
        low <= value && value <= high ? 1 : 0;
      held.ips += holds(ips({ rewards, actions, propensities, chosen }), truth);
      held.selfNormalised += holds(selfNormalisedIps({ rewards, actions, propensities, chosen }), truth);
      held.doublyRobust += holds(valueOf(scores, 2, chosen), truth);
      // Always action 1 is worth 0.5, but it was taken where it is good.
      const taken = rewards.filter((_, at) => actions[at] === 1);
      const naive = taken.reduce((sum, reward) => sum + reward, 0) / taken.length;
      held.naive += Math.abs(naive - 0.5) < 0.05 ? 1 : 0;
    }
    expect(Math.min(held.ips, held.selfNormalised, held.doublyRobust)).toBeGreaterThanOrEqual(34);
    expect(held.naive).toBe(0);
  });

  it('are closer when the model of the outcome is good, and for a difference', () => {
    const { xs, actions, propensities, rewards } = logged(99);
    const chosen = Int32Array.from(xs, (x) => (x > 0.5 ? 1 : 0));
    const never = new Int32Array(xs.length);
    const scoresWith = (predict: (x: number) => readonly number[]) =>
      doublyRobustScores({
        ...{ rewards, actions, propensities, actionCount: 2 },
        predicted: Float64Array.from([...xs].flatMap(predict)),
      });
    const good = scoresWith((x) => [0.5, x]);
    const poor = scoresWith(() => [0, 0]);
    expect(valueOf(good, 2, chosen).standardError).toBeLessThan(0.7 * valueOf(poor, 2, chosen).standardError);
    const { low, value, high } = advantageOf(good, 2, chosen, never);
    expect([low < 0.125, high > 0.125, Math.abs(value - 0.125) < 0.03]).toEqual([true, true, true]);
  });

  it('are finite of nothing, and of likelihoods that are next to none', () => {
    expect(ips({ rewards: [], actions: [], propensities: [], chosen: [] }).value).toBe(0);
    const one = { rewards: [1e12], actions: [0], propensities: [5e-324], chosen: [0] };
    expect(ips(one).value).toBe(1e14);
    expect(selfNormalisedIps(one)).toMatchObject({ value: 1e12, samples: 1 });
    expect(selfNormalisedIps({ ...one, chosen: [1] })).toMatchObject({ value: 0, samples: 0 });
  });
});

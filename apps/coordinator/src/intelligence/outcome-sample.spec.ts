import { describe, expect, it } from '@jest/globals';
import { type Outcome } from '@nexus/contracts';
import { SeededRandom } from '@nexus/testing';
import { OutcomeSample } from './outcome-sample.js';

const seededRandom = (seed: number) => {
  const random = new SeededRandom(seed);
  return () => random.next();
};

const choices = ['performance_optimized', 'foundation', 'hierarchical'] as const;
const share = 0.06;
const usualPropensity = 1 - (share * 2) / 3;

function offerTo(sample: OutcomeSample, at: number, random: () => number, kind = {}) {
  const drawn = random() < share ? Math.floor(random() * 3) : 0;
  const outcome = {
    choice: choices[drawn],
    propensity: drawn === 0 ? usualPropensity : share / 3,
    at: new Date(at).toISOString(),
  } as Outcome;
  const isExplored = drawn !== 0;
  const told = { ...outcome, ...kind };
  sample.offer({ type: 'gather', user: 'ann', isExplored, ...kind }, () => ({
    ...{ outcome: told, usualPropensity, isExplored },
  }));
}

describe('OutcomeSample', () => {
  it('keeps everything there is room for, in order, as it is', () => {
    const random = seededRandom(1);
    const sample = new OutcomeSample(1_000, random);
    for (let at = 0; at < 100; at++) offerTo(sample, at, random);
    const taken = sample.take();
    expect(taken).toHaveLength(100);
    expect(taken.map(({ at }) => at)).toEqual([...taken.map(({ at }) => at)].sort());
    for (const { choice, propensity } of taken) {
      expect(propensity).toBeCloseTo(choice === 'performance_optimized' ? usualPropensity : share / 3, 10);
    }
    expect(sample.take()).toEqual([]);
  });

  it('has as much of what chance tried as there is room for, and says how likely each choice then was', () => {
    const random = seededRandom(2);
    const sample = new OutcomeSample(64, random);
    const counts = new Map<string, number>();
    const propensities = new Map<string, number>();
    let taken = 0;
    for (let round = 0; round < 200; round++) {
      for (let at = 0; at < 1_000; at++) offerTo(sample, at, random);
      for (const { choice, propensity } of sample.take()) {
        counts.set(choice, (counts.get(choice) ?? 0) + 1);
        propensities.set(choice, (propensities.get(choice) ?? 0) + propensity);
        taken += 1;
      }
    }
    expect(taken).toBeGreaterThan(190 * 64);
    for (const choice of choices) {
      const count = counts.get(choice)!;
      // The mean of what is told of those that were kept is how often they were.
      expect(propensities.get(choice)! / count).toBeCloseTo(count / taken, 1);
    }
    expect(counts.get('performance_optimized')! / taken).toBeCloseTo(0.5, 1);
  });

  it('lets no user, and no type of goal, speak for the others', () => {
    const random = seededRandom(3);
    const sample = new OutcomeSample(40, random);
    for (let at = 0; at < 2_000; at++) {
      offerTo(sample, at, random);
      if (at % 200 === 0) offerTo(sample, at, random, { user: 'bob' });
      if (at % 500 === 0) offerTo(sample, at, random, { type: 'broadcast' });
    }
    const taken = sample.take();
    const count = (isMeant: (one: Outcome) => boolean) => taken.filter(isMeant).length;
    expect(taken.length).toBeLessThanOrEqual(40);
    expect(count(({ type }) => type === 'broadcast')).toBe(4);
    expect(count(({ user }) => user === 'bob')).toBeGreaterThanOrEqual(8);
  });

  it('knows any number of users by few parts', () => {
    const random = seededRandom(4);
    const sample = new OutcomeSample(40, random);
    for (let at = 0; at < 5_000; at++) offerTo(sample, at, random, { user: `user-${at}` });
    expect(sample.take().length).toBeGreaterThan(20);
  });
});

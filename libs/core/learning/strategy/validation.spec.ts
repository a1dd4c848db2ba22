import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { judged, loggedDecisions as loggedBy, meanReward } from '../testdata/decisions.js';
import { type Contender, ProgressiveValidation } from './validation.js';

const seeds = Array.from({ length: 8 }, (_, at) => 71 + at);

const loggedDecisions = (seed: number, size: number, mean = meanReward) =>
  loggedBy(new SeededRandom(seed), size, mean);

const validate = (seed: number, size: number, more: object = {}) =>
  ProgressiveValidation.run({ ...loggedDecisions(seed, size), baseline: 2, ...more });

/** What a contender is worth in truth. */
const truthOf = (contender: Exclude<Contender, 'learnt'>) =>
  judged(new SeededRandom(7), (row) =>
    typeof contender === 'number' ? contender : contender.choose(row).action,
  ).value;

describe('ProgressiveValidation', () => {
  it.each(seeds)('tells near the truth what contenders bring, and what one brings more, seed %d', (seed) => {
    const validation = validate(seed, 3_000);
    const poor = validate(seed + 100, 300).model!;
    for (const contender of [0, 1, 2, poor]) {
      const { value, standardError } = validation.value(contender);
      expect(Math.abs(value - truthOf(contender))).toBeLessThan(4 * standardError);
    }
    const { value, standardError } = validation.gain(poor, 2)!;
    expect(Math.abs(value - (truthOf(poor) - truthOf(2)))).toBeLessThan(4 * standardError);
    expect(validation.gain(poor, poor)).toMatchObject({ value: 0, low: 0, high: 0 });
  });

  it.each(seeds)('judges a way of learning, of which the last model is the result, seed %d', (seed) => {
    const validation = validate(seed, 2_500);
    const { value, low, standardError } = validation.gain('learnt', 2)!;
    const last = truthOf(validation.model!) - truthOf(2);
    expect(low).toBeGreaterThan(0);
    // Earlier ones knew less.
    expect(value).toBeLessThan(last + 3 * standardError);
    expect(value).toBeGreaterThan(0.6 * last);
    expect([validation.size, validation.learntSize, validation.learntTo]).toEqual([1_000, 1_000, 2_399]);
  });

  it('claims no gain where all are alike', () => {
    const alike = (row: ArrayLike<number>) => meanReward(row, -1);
    const gains = seeds.map((seed) =>
      ProgressiveValidation.run({ ...loggedDecisions(seed, 1_500, alike), baseline: 2 }).gain('learnt', 2),
    );
    const clear = gains.filter((gain) => gain === undefined || gain.value > 3 * gain.standardError);
    expect(clear).toEqual([]);
  });

  it('lets the future teach nothing', () => {
    const input = loggedDecisions(70, 1_000);
    const rewards = input.rewards.map((reward, at) => (at < 900 ? reward : -reward));
    const isBefore = (row: number) => row < 900;
    const [one, other] = [input, { ...input, rewards }].map((given) =>
      ProgressiveValidation.run({ ...given, baseline: 2 }).among(isBefore),
    );
    expect(one!.gain('learnt', 2)).toEqual(other!.gain('learnt', 2));
    expect(one!.size).toBe(500);
  });

  it('is judged by what is asked for alone, and says nothing of what was hardly tried', () => {
    const validation = validate(72, 1_000);
    const late = validation.among((row) => row >= 800);
    expect(late.size).toBe(200);
    expect(late.learntTo).toBe(validation.learntTo);
    expect(validation.among((row) => row >= 985).gain(0, 1)).toBeUndefined();
    expect(validation.among(() => false).value(1)).toMatchObject({ value: 0, samples: 0 });
  });

  it('hears no source beyond its share, neither to learn nor to judge', () => {
    const input = loggedDecisions(73, 2_000);
    const honest = validate(73, 2_000).gain('learnt', 2)!;
    // One source, which has 60 % of the decisions, says the opposite of what all others say.
    const sources = Array.from(input.rewards, (_, at) => (at % 10 < 6 ? 'liar' : `honest ${at % 41}`));
    const rewards = input.rewards.map((reward, at) => (sources[at] === 'liar' ? 1 - reward : reward));
    const gainOf = (shareMax: number) =>
      ProgressiveValidation.run({ ...input, rewards, baseline: 2, sources, shareMax }).gain('learnt', 2);
    expect(gainOf(0.05)!.value).toBeGreaterThan(0.5 * honest.value);
    expect(gainOf(1)!.value).toBeLessThan(0.1 * honest.value);
  });

  it('does without a model where there is too little to learn from', () => {
    const validation = validate(74, 12);
    expect([validation.model, validation.size, validation.learntTo]).toEqual([undefined, 7, 10]);
    expect(validation.value('learnt')).toEqual(validation.value(2));
    expect(validate(74, 0)).toMatchObject({ size: 0, learntTo: -1, model: undefined });
  });
});

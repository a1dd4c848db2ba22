import { describe, expect, it } from '@jest/globals';
import { type StrategyModelSnapshot } from '@nexus/contracts';
import { withPredictions } from './promotion.js';

const scoresOf = (coverage: number) => ({
  ...{ samples: 500, heldOut: 150, value: 0.5, baseline: 0.4, gain: { expected: 0.1, low: 0, high: 0.2 } },
  ...{ durationErrorMs: coverage * 10, coverage, coverageClaimed: 0.9 },
});
const choicesOf = (samples: number): StrategyModelSnapshot['choices'] => [
  {
    ...{ choice: 'hierarchical', samples, duration: null, durationOffsets: null },
    ...{ success: null, successOffsets: null },
  },
];
const model = (coverage: number): StrategyModelSnapshot => ({
  ...{ type: 'gather', version: 1, trainedAt: new Date(0).toISOString(), tree: null },
  ...{ choices: choicesOf(1), scores: scoresOf(coverage) },
});
const after = (before: number, coverage: number) =>
  withPredictions(model(before), { choices: choicesOf(2), scores: { ...scoresOf(coverage), value: 0.9 } });

describe('a model that stays', () => {
  it('takes over new predictions with how good they are, and keeps the scores of its tree', () => {
    const { choices, scores, trainedAt } = after(0.9, 0.88);
    expect(choices[0]!.samples).toBe(2);
    expect(scores).toMatchObject({ durationErrorMs: 8.8, coverage: 0.88, value: 0.5 });
    expect(Date.parse(trainedAt)).toBeGreaterThan(0);
  });

  it('keeps its own where the new ones are further off what they claim', () => {
    expect(after(0.9, 0.5)).toEqual(model(0.9));
    expect(after(0.3, 0.5).scores.coverage).toBe(0.5);
  });
});

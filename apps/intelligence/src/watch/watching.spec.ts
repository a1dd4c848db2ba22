import { describe, expect, it } from '@jest/globals';
import { type SeenOutcome } from '../history/history-tail.js';
import { goalSamples } from './watching.js';

const features = {
  ...{ agents: 12, diversity: 0.5, complexity: 1, deadlineS: 5 },
  ...{ latencyMs: 1, load: 0.2, active: 3, successRate: 1 },
};
const outcomes: SeenOutcome[] = (['gather', 'consensus'] as const).map((type) => ({
  ...{ type, choice: 'performance_optimized', features, durationMs: 10, success: 1 },
  ...{ user: 'alice', layer: 'performance', atMs: 5 },
}));
type Champions = Parameters<typeof goalSamples>[1];
const knowingNothing = { model: { version: 3, choices: [] } };

describe('goalSamples', () => {
  it('says what residuals are measured against', () => {
    expect(goalSamples(outcomes, new Map())).toMatchObject([
      { type: 'gather', against: 'none', residualLog: Math.log1p(10), agents: 12, user: 'alice' },
      { type: 'consensus', against: 'none' },
    ]);
  });

  it('leaves out what a model that is in use does not know', () => {
    const champions = new Map([['gather', knowingNothing]]) as unknown as Champions;
    expect(goalSamples(outcomes, champions).map(({ type }) => type)).toEqual(['consensus']);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Choice, choicesOf } from '@nexus/contracts';
import { SeededRandom } from '@nexus/testing';
import { type PastOutcome } from '../history/told-outcome.js';
import { type GoalType } from '../registry/registry.js';
import { thinned } from './thinning.js';
import { trainStrategy } from './train-strategy.js';

const explorationShare = 0.05;

/** A full history in which chance now and then takes another way than the first; the last is ten times as fast. */
function historyOf(type: GoalType, perSecond: number, seed: number, { users = 1, count = 7_500 } = {}) {
  const random = new SeededRandom(seed);
  const choices: readonly Choice[] = choicesOf[type];
  return Array.from({ length: count }, (_, at): PastOutcome => {
    const drawn = random.next() < explorationShare ? random.integer(0, choices.length - 1) : 0;
    return {
      id: `${1_000_000 + Math.floor((at * 1_000) / perSecond)}-0`,
      ...{ source: `c/user-${at % users}`, traceId: '', type, choice: choices[drawn]!, success: 1 },
      ...{ explored: drawn > 0 },
      propensity: explorationShare / choices.length + (drawn === 0 ? 1 - explorationShare : 0),
      durationMs: (drawn === choices.length - 1 ? 10 : 100) * (0.8 + 0.4 * random.next()),
      features: {
        ...{ agents: random.integer(1, 400), diversity: random.next(), complexity: 1, deadlineS: 5 },
        ...{ latencyMs: 1, load: random.next(), active: 3, successRate: 1 },
      },
    };
  });
}

const options = { samples: 1_000, samplesMin: 100, shareMax: 0.25, margin: 0.01 };
const nothing = { champion: undefined, former: [], drift: '', learnedFrom: '', rolledBackAt: '' };
const cases = (['gather', 'load_balance'] as const).flatMap((type) =>
  [5, 20].flatMap((perSecond) => [1, 2, 3].map((seed) => [type, perSecond, seed] as const)),
);

describe('what chance seldom tried', () => {
  it.each(cases)(
    'is found to be better by the true gain: %s, %d a second, seed %d',
    (type, perSecond, seed) => {
      // By the next trainings at the latest: one choice of six may by chance be too rare among those that judge.
      const all = historyOf(type, perSecond, seed, { users: seed, count: 8_500 });
      const trainings = [0, 500, 1_000].map((at) =>
        trainStrategy({ ...options, ...nothing, type, outcomes: all.slice(at, at + 7_500) })!,
      );
      const { tree, scores, verdict } = trainings.find((trained) => trained.tree !== null) ?? trainings[0]!;
      expect(verdict.reason).toMatch(/^better than the layer below/);
      expect(tree).not.toBeNull();
      // Utility is 1 / (1 + duration / median), and the median is near 100 ms: 1 / 1.1 less 1 / 2.
      expect(scores.gain.expected).toBeGreaterThan(0.33);
      expect(scores.gain.expected).toBeLessThan(0.49);
    },
  );
});

describe('thinned', () => {
  const room = { samples: 1_000, sourceMax: 1_000, choices: 3 };

  it('changes nothing where all have room, or chance tried nothing', () => {
    const rows = historyOf('gather', 5, 1);
    expect(thinned(rows.slice(0, 1_000), room)).toBeUndefined();
    expect(
      thinned(
        rows.map((row) => ({ ...row, explored: false })),
        room,
      ),
    ).toBeUndefined();
  });

  it('keeps what was tried, and of the rest so much that the propensities say how likely each is', () => {
    const kept = thinned(historyOf('gather', 5, 1), room)!;
    expect(kept).toHaveLength(1_000);
    const tried = kept.filter(({ explored }) => explored);
    const meanOf = (rows: PastOutcome[]) =>
      rows.reduce((sum, { propensity }) => sum + propensity, 0) / rows.length;
    expect(2 * meanOf(tried)).toBeCloseTo(tried.length / 1_000, 1);
    expect(meanOf(kept.filter(({ explored }) => !explored))).toBeCloseTo(1 - tried.length / 1_000, 1);
  });

  it('gives no source more than its share', () => {
    const rows = historyOf('gather', 5, 1).map((row, at) => ({
      ...row,
      source: at % 10 === 0 ? 'c/a' : 'c/b',
    }));
    const kept = thinned(rows, { ...room, sourceMax: 250 })!;
    expect(kept.filter(({ source }) => source === 'c/b').length).toBeLessThanOrEqual(250);
    expect(kept.filter(({ source }) => source === 'c/a').length).toBeGreaterThan(200);
  });
});

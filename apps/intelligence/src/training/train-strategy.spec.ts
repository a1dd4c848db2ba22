import { describe, expect, it } from '@jest/globals';
import { choicesOf } from '@nexus/contracts';
import { StrategyPredictor } from '@nexus/prediction';
import { SeededRandom } from '@nexus/testing';
import { type PastOutcome } from '../history/told-outcome.js';
import { type StrategyTraining, type TrainedStrategy, trainStrategy } from './train-strategy.js';
import { type KnownTree } from './verdict.js';

type DurationMs = (choice: string, agents: number) => number;

/** Best by a tree of agents above 200, at once below; or the other way round. */
const rule: DurationMs = (choice, agents) => ((choice === 'hierarchical') === agents > 200 ? 20 : 200);
const reversed: DurationMs = (choice, agents) => rule(choice, 401 - agents);
const indifferent: DurationMs = () => 50;

function outcomesOf(durationMs: DurationMs, count: number, from = 0, source = 'c/alice'): PastOutcome[] {
  const random = new SeededRandom(11 + from);
  const choices = choicesOf.gather;
  return Array.from({ length: count }, (_, at): PastOutcome => {
    const agents = 1 + Math.floor(random.next() * 400);
    const choice = choices[Math.floor(random.next() * choices.length)]!;
    return {
      ...{ id: `${1_000 + from + at}-0`, source, traceId: '', type: 'gather', choice },
      ...{ propensity: 1 / choices.length, explored: false, success: 1 },
      durationMs: durationMs(choice, agents) * (0.8 + 0.4 * random.next()),
      features: {
        ...{ agents, diversity: random.next(), complexity: 1, deadlineS: 5 },
        ...{ latencyMs: 1, load: random.next(), active: 3, successRate: 1 },
      },
    };
  });
}

const training = (outcomes: PastOutcome[], more: Partial<StrategyTraining> = {}): StrategyTraining => ({
  ...{ type: 'gather', outcomes, samples: 1_000, samplesMin: 100, shareMax: 0.25, margin: 0.01 },
  ...{ champion: undefined, former: [], drift: '', learnedFrom: '', rolledBackAt: '' },
  ...more,
});

const inUse = (version: number, { tree, fittedTo, trainedTo }: TrainedStrategy): KnownTree => ({
  ...{ version, tree, fittedTo, promotedAt: trainedTo },
});

const byTime = (one: PastOutcome, other: PastOutcome) => parseInt(one.id) - parseInt(other.id);

/** What coordinators would read in it. */
function rulesOf({ type, choices, tree, scores }: TrainedStrategy): string {
  const trainedAt = new Date(0).toISOString();
  return StrategyPredictor.from({ ...{ type, choices, tree, scores }, version: 1, trainedAt })!
    .rules()
    .join('\n');
}

describe('trainStrategy', () => {
  const first = trainStrategy(training(outcomesOf(rule, 800)))!;

  it('has nothing to say of too few outcomes', () => {
    expect(trainStrategy(training(outcomesOf(rule, 99)))).toBeUndefined();
  });

  it('promotes a first model that is surely better than the layer below, with what it says', () => {
    expect(first.verdict.kind).toBe('promote');
    expect(first.tree).not.toBeNull();
    expect(first.scores.gain.low).toBeGreaterThan(0.01);
    expect(rulesOf(first)).toMatch(/agents > 200.*→ hierarchical \(\d+ %, \d+ samples\)/);
    expect(first.choices.map(({ duration }) => duration)).not.toContain(null);
  });

  it('lets a first model choose nothing when nothing is better, and predict', () => {
    const { verdict, tree, choices } = trainStrategy(training(outcomesOf(indifferent, 800)))!;
    expect([verdict.kind, tree]).toEqual(['promote', null]);
    expect(choices[0]!.durationOffsets).not.toBeNull();
  });

  it('keeps the one in use when another is not surely better', () => {
    const champion = inUse(1, first);
    const again = trainStrategy(training(outcomesOf(rule, 800, 5_000), { champion }))!;
    expect(again.verdict.kind).toBe('keep');
  });

  it('replaces one that has become wrong', () => {
    const champion = inUse(1, first);
    const trained = trainStrategy(training(outcomesOf(reversed, 800, 5_000), { champion }))!;
    expect(trained.verdict.kind).toBe('promote');
    expect(rulesOf(trained)).toMatch(/agents <= 20\d.*→ hierarchical/);
  });

  it('takes back one that does harm, to a former one that does not, or to none', () => {
    // Without a better one: nothing is left to choose, and what is in use chooses the slow way.
    const slow: DurationMs = (choice) => (choice === 'hierarchical' ? 200 : 20);
    const champion = inUse(2, first);
    const outcomes = outcomesOf(slow, 800, 5_000);
    const alone = trainStrategy(training(outcomes, { champion }))!;
    expect(alone).toMatchObject({ verdict: { kind: 'retire', to: undefined }, tree: null });
    const harmless = trainStrategy(training(outcomesOf(rule, 800, 0)))!;
    const former = [{ ...inUse(1, harmless), tree: null }];
    expect(trainStrategy(training(outcomes, { champion, former }))!.verdict.kind).toBe('retire');
  });

  it('hears nobody beyond a share, so that a liar with most outcomes changes little', () => {
    const honest = ['a', 'b', 'c', 'd'].flatMap((user, at) => outcomesOf(rule, 250, at * 250, `c/${user}`));
    const lies = outcomesOf(reversed, 3_000, 0, 'c/mallory');
    const mixed = [...lies, ...honest].sort((x, y) => parseInt(x.id) - parseInt(y.id));
    const trained = trainStrategy(training(mixed, { samples: 1_200, shareMax: 0.2 }))!;
    expect(trained.scores.samples).toBeLessThanOrEqual(1_200);
    expect(rulesOf(trained)).toMatch(/agents > (19|20)\d.*→ hierarchical/);
  });

  it('lets what was told promote nothing, take back nothing and judge nothing', () => {
    const told = outcomesOf(reversed, 3_000, 5_000, 'u/mallory');
    const champion = inUse(1, first);
    const seen = outcomesOf(rule, 800, 5_000);
    const alone = trainStrategy(training(seen, { champion }))!;
    const mixed = trainStrategy(training([...seen, ...told].sort(byTime), { champion }))!;
    expect(mixed.verdict).toEqual(alone.verdict);
    expect([mixed.tree, mixed.scores.samples]).toEqual([alone.tree, alone.scores.samples]);
    expect(trainStrategy(training(told))).toBeUndefined();
  });

  it('predicts by what was told as well, of which a user has one share with what the same one asked for', () => {
    const told = outcomesOf(indifferent, 700, 0, 'u/alice');
    const all = [...outcomesOf(indifferent, 200, 700), ...told].sort(byTime);
    const { choices } = trainStrategy(training(all, { samples: 800 }))!;
    expect(choices.reduce((sum, choice) => sum + choice.samples, 0)).toBe(800);
  });

  it('predicts no duration of a choice that was hardly seen, however often it is among the last', () => {
    const usual = outcomesOf(indifferent, 700).map((row) => ({
      ...row,
      choice: 'performance_optimized' as const,
    }));
    const late = outcomesOf(indifferent, 35, 700).map((row) => ({ ...row, choice: 'hierarchical' as const }));
    const spread = (count: number) =>
      trainStrategy(training([...usual, ...late.slice(0, count)]))!.choices.find(
        ({ choice }) => choice === 'hierarchical',
      )!;
    expect(spread(25)).toMatchObject({ samples: 25, duration: null, durationOffsets: null });
    expect(spread(35).duration).not.toBeNull();
    const { intercept } = spread(35).duration as { intercept: number };
    expect(Math.expm1(intercept)).toBeGreaterThan(35);
    const told = outcomesOf(indifferent, 900, 0, 'u/bob').map((row) => ({
      ...row,
      choice: 'foundation' as const,
    }));
    const byBob = trainStrategy(training([...usual, ...told].sort(byTime)))!;
    expect(byBob.choices.find(({ choice }) => choice === 'foundation')!.duration).toBeNull();
  });

  it.each([1, 2, 3])('relearns soon after a drift, from what came after it alone: %d', (seed) => {
    let champion = inUse(1, first);
    const before = outcomesOf(rule, 1_000, seed * 3_000);
    const after = outcomesOf(reversed, 300, seed * 3_000 + 1_000);
    let state = { drift: before.at(-1)!.id, learnedFrom: '' };
    for (let count = 50; count <= 300; count += 50) {
      const outcomes = [...before, ...after.slice(0, count)];
      const trained = trainStrategy(training(outcomes, { champion, ...state }))!;
      expect(trained.drift).toBe(count === 100 ? before.at(-1)!.id : '');
      if (trained.drift !== '') state = { drift: '', learnedFrom: trained.drift };
      if (count >= 100) expect(trained.scores.samples).toBe(count - Math.ceil(0.06 * count));
      if (trained.verdict.kind === 'promote') champion = inUse(champion.version + 1, trained);
    }
    expect(champion.version).toBeGreaterThan(1);
    expect(champion.tree).not.toBeNull();
  });

  it('lets what was put in use by hand stay until there is enough to judge it by', () => {
    const champion = inUse(1, first);
    const outcomes = outcomesOf(reversed, 800, 5_000);
    const verdictAfter = (count: number, more = {}) =>
      trainStrategy(training(outcomes, { champion, rolledBackAt: outcomes.at(-1 - count)!.id, ...more }))!
        .verdict.kind;
    expect([0, 99].map((count) => verdictAfter(count))).toEqual(['keep', 'keep']);
    expect(verdictAfter(99, { champion: undefined })).toBe('keep');
    expect(verdictAfter(200)).toBe('promote');
  });

  it('judges nothing by what was hardly tried', () => {
    // One lucky trial in twenty, which would count a hundred times.
    const usual = outcomesOf(indifferent, 1_000).map((row, at) => {
      const isTried = at < 400 ? at % 10 === 0 : at % 100 === 0;
      return isTried
        ? { ...row, choice: 'hierarchical' as const, propensity: 0.01, durationMs: at < 400 ? 40 : 0.1 }
        : { ...row, choice: 'performance_optimized' as const, propensity: 0.98 };
    });
    const { verdict, tree } = trainStrategy(training(usual))!;
    expect(tree).toBeNull();
    expect(verdict.reason).toContain('too few were tried');
  });

  it('says the same of the same', () => {
    expect(trainStrategy(training(outcomesOf(rule, 800)))).toEqual(first);
  });
});

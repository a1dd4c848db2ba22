import { describe, expect, it } from '@jest/globals';
import {
  choicesOf,
  type CoordinateRequestInput,
  coordinateRequestSchema,
  type Features,
  type LayerName,
  parse,
  type StrategyModelSnapshot,
  userIdSchema,
} from '@nexus/contracts';
import { fitStrategy, Samples } from '@nexus/core/learning';
import { StrategyPredictor } from '@nexus/prediction';
import { SeededRandom } from '@nexus/testing';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { Considering, type ConsideringOptions } from './considering.js';
import { Situations } from './situations.js';

const shared = {
  type: 'load_balance' as const,
  algorithm: 'adaptive' as const,
  requests: [{ id: 'r' }],
};

/** What is true of a coordination beside its request. */
interface Standing {
  readonly capped?: LayerName;
  readonly unknown?: readonly string[];
}

function coordinationOf(
  goal: CoordinateRequestInput['goal'],
  { maxLayer, ...more }: Partial<CoordinateRequestInput> & Standing = {},
) {
  const { capped, unknown = [], ...asked } = more;
  const request = parse(
    coordinateRequestSchema,
    { agents: { all: true }, goal, ...(maxLayer && { maxLayer }), ...asked },
    'request',
  );
  return new Coordination({
    id: 'c-1',
    user: parse(userIdSchema, 'ann', 'user'),
    request,
    targets: { agents: [], unknown, selector: request.agents, routes: { version: 1, ageMs: 0 } },
    deadline: new Deadline(request.goal.timeoutMs),
    clock: {},
    traceId: '',
    parts: noParts,
    ...(capped && { maxLayer: capped }),
  });
}

/** For complexity above 5 `peak_ewma` is better than `resource_aware`, which is better otherwise. */
function predictor(noise = 0.05): StrategyPredictor {
  const random = new SeededRandom(3);
  const samples = new Samples(8);
  const [actions, rewards, propensities] = [[], [], []] as number[][] as [number[], number[], number[]];
  for (let at = 0; at < 600; at++) {
    const complexity = random.between(1, 10);
    const action = random.next() < 0.5 ? 0 : 3;
    samples.add([10, 0, complexity, 5, 1, 0.1, 1, 1]);
    actions.push(action);
    propensities.push(0.5);
    rewards.push((action === 3) === complexity > 5 ? 0.7 : 0.4 + noise * random.next());
  }
  const fitted = fitStrategy({ samples, actions, rewards, propensities, actionCount: 6 });
  if (fitted.kind !== 'fitted') throw new Error('there is enough to fit');
  return snapshotWith(fitted.model.snapshot());
}

function snapshotWith(tree: unknown): StrategyPredictor {
  const scores = { samples: 1, heldOut: 1, value: 1, baseline: 1, gain: { expected: 0, low: 0, high: 0 } };
  const snapshot: StrategyModelSnapshot = {
    ...{ type: 'load_balance', version: 7, trainedAt: new Date(0).toISOString(), choices: [], tree },
    scores: { ...scores, durationErrorMs: 1, coverage: 1, coverageClaimed: 1 },
  };
  return StrategyPredictor.from(snapshot)!;
}

const considering = (options: Partial<ConsideringOptions> & { readonly model?: StrategyPredictor } = {}) => {
  const { model, ...rest } = options;
  return new Considering({
    models: { everHeard: true, isStale: false, strategy: () => model },
    orders: { isDemoted: () => false },
    situations: new Situations({ latencyMs: 1, load: 0.1 }, () => 1),
    explorationShare: 0,
    confidenceMin: 0.8,
    random: () => 0.5,
    ...rest,
  });
};

const heavy = { ...shared, complexity: 8 };
const light = { ...shared, complexity: 2 };
const choosingOf = (one: Considering, coordination = coordinationOf(heavy)) => one.of(coordination).choosing;

describe('Considering', () => {
  it('takes what the model says is better than what the layer below does, and tells why', () => {
    const one = considering({ model: predictor() });
    expect(choosingOf(one)).toMatchObject({
      ...{ serving: true, reason: 'chosen', choice: 'peak_ewma', below: 'resource_aware' },
      ...{ propensity: 1, version: 7 },
      reasoning: expect.stringMatching(/^complexity > [\d.]+ → peak_ewma \(100 %, \d+ samples\)$/),
    });
  });

  it('leaves it to the layer below where that does the best there is', () => {
    const one = considering({ model: predictor() });
    expect(choosingOf(one, coordinationOf(light))).toMatchObject({
      ...{ serving: false, reason: 'no_gain', choice: 'resource_aware' },
    });
    expect(choosingOf(considering({ model: snapshotWith(null) }))?.reason).toBe('no_gain');
  });

  it.each<[string, Partial<ConsideringOptions>]>([
    ['no_model', { models: { everHeard: true, isStale: false, strategy: () => undefined } }],
    ['stale', { models: { everHeard: true, isStale: true, strategy: () => predictor() } }],
    ['demoted', { orders: { isDemoted: () => true } }],
    ['unsure', { confidenceMin: 1.01 }],
  ])('leaves it to the layer below, %s, without trying anything by chance', (reason, options) => {
    const one = considering({
      model: predictor(),
      explorationShare: reason === 'unsure' ? 0 : 1,
      ...options,
    });
    expect(choosingOf(one)).toMatchObject({
      serving: false,
      reason,
      choice: 'resource_aware',
      propensity: 1,
    });
  });

  it.each([
    ['an algorithm of the caller’s own', coordinationOf({ ...heavy, algorithm: 'round_robin' })],
    ['a strategy', coordinationOf(heavy, { strategy: 'foundation' })],
    ['leases', coordinationOf(heavy, { exclusive: true })],
    ['a lower layer', coordinationOf(heavy, { maxLayer: 'performance' })],
    ['a lower layer by the settings', coordinationOf(heavy, { capped: 'foundation' })],
    ['an order', coordinationOf({ type: 'broadcast', ordering: 'causal' })],
    ['votes', coordinationOf({ type: 'consensus', proposal: { key: 'k' } })],
    ['no acknowledgements', coordinationOf({ type: 'broadcast' })],
    ['assignments alone', coordinationOf({ ...heavy, dispatch: false })],
  ])('chooses nothing for what asks for %s, and knows the situation all the same', (_, coordination) => {
    const considered = considering({ model: predictor() }).of(coordination);
    expect([considered.choosing, considered.usualPropensity]).toEqual([undefined, 1]);
    expect(considered.features).toMatchObject({ deadlineS: 5, latencyMs: 1 } satisfies Partial<Features>);
  });

  it('chooses nothing while no intelligence service was ever heard of', () => {
    const models = { everHeard: false, isStale: true, strategy: () => undefined };
    expect(choosingOf(considering({ models }))).toBeUndefined();
  });

  it('tries each way as often as it says', () => {
    const random = new SeededRandom(5);
    const one = considering({ model: predictor(), explorationShare: 0.6, random: () => random.next() });
    const counts = new Map<string, { count: number; propensity: number; reason: string }>();
    const rounds = 12_000;
    for (let round = 0; round < rounds; round++) {
      const { choice, propensity, reason } = choosingOf(one, coordinationOf(heavy))!;
      const before = counts.get(choice)?.count ?? 0;
      counts.set(choice, { count: before + 1, propensity, reason });
    }
    expect([...counts.keys()].sort()).toEqual([...choicesOf.load_balance].sort());
    for (const [choice, { count, propensity, reason }] of counts) {
      expect(count / rounds).toBeCloseTo(propensity, 1);
      expect(reason).toBe(choice === 'peak_ewma' ? 'chosen' : 'explored');
    }
    expect(one.of(coordinationOf(heavy)).usualPropensity).toBeCloseTo(0.5, 10);
  });

  it('sends no large fleet a message an agent for the sake of learning', () => {
    const model = snapshotWith(null);
    const choose = (unknown: readonly string[]) => {
      const one = considering({ model, explorationShare: 1, random: () => 0.4 });
      return choosingOf(one, coordinationOf({ type: 'gather' }, { unknown }))?.choice;
    };
    const many = Array.from({ length: 300 }, (_, at) => `a-${at}`);
    expect(choose([])).toBe('foundation');
    expect(choose(many)).not.toBe('foundation');
  });

  it('says the same of a coordination however often it is asked', () => {
    const random = new SeededRandom(5);
    const one = considering({ model: predictor(), explorationShare: 1, random: () => random.next() });
    const coordination = coordinationOf(heavy);
    expect(one.of(coordination)).toBe(one.of(coordination));
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  type CoordinateReply,
  type CoordinateRequestInput,
  coordinateRequestSchema,
  NexusError,
  type Outcome,
  parse,
  userIdSchema,
} from '@nexus/contracts';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { Considering } from './considering.js';
import { Learning } from './learning.js';
import { Situations } from './situations.js';
import { WorkSampler } from './work-sampler.js';

type Asked = Omit<CoordinateRequestInput, 'agents'>;

const shared = { type: 'load_balance' as const, algorithm: 'adaptive' as const, requests: [{ id: 'r' }] };

function coordinationOf(asked: Asked): Coordination {
  const request = parse(coordinateRequestSchema, { agents: { all: true }, ...asked }, 'request');
  return new Coordination({
    ...{ id: 'c-1', request, clock: {}, traceId: 't', parts: noParts },
    user: parse(userIdSchema, 'ann', 'user'),
    targets: { agents: [], unknown: ['a', 'b'], selector: request.agents, routes: { version: 1, ageMs: 0 } },
    deadline: new Deadline(request.goal.timeoutMs),
  });
}

function learning() {
  const situations = new Situations({ latencyMs: 1, load: 0.1 }, () => 1);
  const considering = new Considering({
    models: { everHeard: true, isStale: false, strategy: () => undefined },
    orders: { isDemoted: () => false },
    ...{ situations, explorationShare: 0, confidenceMin: 0.8, random: () => 0.5 },
  });
  const work = new WorkSampler({ capacity: 1, nodeOf: () => undefined, random: () => 0.5 });
  return { situations, learning: new Learning({ considering, situations, work, random: () => 0.5 }) };
}

const accounting = { failed: [], missing: ['b'] };
const replyOf = (more: object) =>
  ({
    ...{ type: 'gather', status: 'partial', layer: 'performance', strategy: 'performance_optimized' },
    ...{ fallbacks: [], explain: {}, result: { responses: [], ...accounting } },
    performance: { durationMs: 12, agents: 2, throughputPerS: 1 },
    ...more,
  }) as unknown as CoordinateReply;

/** What is reported of a coordination that was asked for so. */
function served(asked: Asked, reply: object): Outcome[] {
  const { learning: one } = learning();
  one.served(coordinationOf(asked), replyOf(reply));
  return [...one.take().outcomes];
}

function failed(asked: Asked, code: 'deadline_exceeded' | 'invalid_argument'): Outcome[] {
  const { learning: one } = learning();
  one.failed(coordinationOf(asked), new NexusError(code, code));
  return [...one.take().outcomes];
}

describe('Learning', () => {
  it('notes what a coordination met, what was done and what came of it', () => {
    expect(served({ goal: { type: 'gather', complexity: 3 } }, {})).toMatchObject([
      {
        ...{ coordinationId: 'c-1', type: 'gather', user: 'ann', traceId: 't', status: 'partial' },
        ...{ layer: 'performance', choice: 'performance_optimized', propensity: 1 },
        ...{ durationMs: 12, success: 0.5 },
        features: { agents: 2, complexity: 3, deadlineS: 5, successRate: 1 },
        choosing: { serving: false, reason: 'no_model', candidates: [] },
      },
    ]);
  });

  it.each<[string, Asked, string]>([
    ['by an algorithm', { goal: { ...shared, algorithm: 'peak_ewma' } }, 'peak_ewma'],
    ['by a strategy', { goal: { type: 'gather' }, strategy: 'hierarchical' }, 'hierarchical'],
    [
      'in order',
      { goal: { type: 'broadcast', delivery: 'acknowledged', ordering: 'causal' } },
      'performance_optimized',
    ],
    ['by votes', { goal: { type: 'consensus', proposal: { key: 'k' } } }, 'performance_optimized'],
    ['as thought best', { goal: shared }, 'resource_aware'],
  ])('notes what failed %s, as it notes what was done', (_, asked, choice) => {
    expect(failed(asked, 'deadline_exceeded')).toMatchObject([{ choice, success: 0, status: 'failed' }]);
  });

  it('notes nothing of a caller’s own mistakes, nor of what nobody waited for', () => {
    expect(failed({ goal: { type: 'gather' } }, 'invalid_argument')).toEqual([]);
    const assigned = { type: 'load_balance', result: { assignments: [{}] } };
    expect(served({ goal: { ...shared, dispatch: false } }, assigned)).toEqual([]);
    const told = { type: 'broadcast', result: { targeted: 2, delivered: 2, ...accounting } };
    expect(served({ goal: { type: 'broadcast' } }, told)).toEqual([]);
  });

  it('notes what was done where an order kept the higher layers away, and what was chosen where they fell', () => {
    const done = {
      ...{ type: 'load_balance', strategy: 'foundation', layer: 'foundation' },
      result: { assignments: [], results: [{ ok: true }] },
    };
    expect(served({ goal: shared }, done)[0]!.choice).toBe('foundation');
    const fallbacks = [{ layer: 'performance', code: 'unavailable', message: 'm' }];
    expect(served({ goal: shared }, { ...done, fallbacks })[0]!.choice).toBe('resource_aware');
  });

  it('knows how well a type did of late', () => {
    const { learning: one, situations } = learning();
    const gather = () => coordinationOf({ goal: { type: 'gather' } });
    for (let at = 0; at < 200; at++) one.served(gather(), replyOf({}));
    expect(situations.featuresOf(gather()).successRate).toBeCloseTo(0.5, 2);
    expect(situations.featuresOf(coordinationOf({ goal: shared })).successRate).toBe(1);
  });
});

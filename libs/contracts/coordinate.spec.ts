import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sampleReply } from '../testing/sample-reply.js';
import { assignRequestSchema } from './assign.js';
import { heartbeatRequestSchema, listRequestSchema, registerRequestSchema } from './agents.js';
import { coordinateReplySchema, coordinateRequestSchema, goalTypes } from './coordinate.js';
import { NexusError, parse } from './error.js';
import { limits } from './limits.js';
import { selectorSchema } from './selector.js';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`);
const request = (goal: object, more: object = {}) => ({ agents: { all: true }, goal, ...more });
const accepts = (value: unknown) => coordinateRequestSchema.safeParse(value).success;

/** Where and why a request is refused. */
function faults(value: unknown): { path: string; message: string }[] {
  try {
    parse(coordinateRequestSchema, value, 'coordinate request');
    return [];
  } catch (error) {
    if (error instanceof NexusError) return [...error.details];
    throw error;
  }
}

describe('a selector', () => {
  const choices = { ids: ['a'], group: 'g', capability: 'c', all: true };

  it('names exactly one of the four', () => {
    fc.assert(
      fc.property(fc.subarray(Object.entries(choices)), (chosen) => {
        const selector: Record<string, unknown> = Object.fromEntries(chosen);
        expect(selectorSchema.safeParse(selector).success).toBe(chosen.length === 1);
      }),
    );
  });

  it.each([
    { ids: [] },
    { ids: ['a', 'a'] },
    { ids: ['a.b'] },
    { ids: 'a' },
    { ids: ids(limits.agentIdsMax + 1) },
    { group: '*' },
    { group: null },
    { capability: '' },
    { all: false },
    { all: true, also: 1 },
  ])('refuses case %#', (selector) => {
    expect(selectorSchema.safeParse(selector).success).toBe(false);
  });

  it('takes as many ids as the limit says', () => {
    expect(selectorSchema.safeParse({ ids: ids(limits.agentIdsMax) }).success).toBe(true);
  });
});

describe('a coordinate request', () => {
  it('has the defaults of the contract', () => {
    expect(coordinateRequestSchema.parse(request({ type: 'broadcast' }))).toEqual({
      agents: { all: true },
      goal: {
        ...{ type: 'broadcast', delivery: 'at_most_once', ordering: 'none' },
        ...{ timeoutMs: 5_000, complexity: 1 },
      },
      ...{ maxLayer: 'adaptive', strategy: null, stream: false, durable: false, exclusive: false },
    });
  });

  it('has the defaults of each goal', () => {
    const goal = (value: object) => coordinateRequestSchema.parse(request(value)).goal;
    expect(goal({ type: 'gather' })).toMatchObject({ aggregate: 'list' });
    expect(goal({ type: 'consensus', proposal: { key: 'k' } })).toMatchObject({
      quorum: 'majority',
      commit: true,
    });
    expect(goal({ type: 'load_balance', requests: [{ id: '1' }] })).toMatchObject({
      ...{ algorithm: 'round_robin', dispatch: true },
    });
  });

  it.each([
    [{ ...request({ type: 'gather' }), tiemout: 1 }, '', 'tiemout'],
    [request({ type: 'gather', timeout: 1 }), 'goal', 'timeout'],
    [request({ type: 'gather', delivery: 'acknowledged' }), 'goal', 'delivery'],
    [request({ type: 'consensus', proposal: { key: 'k', ket: 1 } }), 'goal.proposal', 'ket'],
    [request({ type: 'load_balance', requests: [{ id: '1', data: 1 }] }), 'goal.requests.0', 'data'],
    [{ ...request({ type: 'gather' }), agents: { al: true } }, 'agents', 'al'],
  ])('refuses a field that it does not know, naming it (%#)', (value, path, field) => {
    const named = path === '' ? field : `${path}.${field}`;
    expect(faults(value)).toContainEqual({ path: named, message: 'no such field' });
  });

  it.each([...[0, -1, 1.5, limits.timeoutMsMax + 1, '5000', null, Number.NaN, Number.POSITIVE_INFINITY]])(
    'refuses a time-out of %p',
    (timeoutMs) => {
      expect(faults(request({ type: 'gather', timeoutMs })).map(({ path }) => path)).toEqual([
        'goal.timeoutMs',
      ]);
    },
  );

  it('takes time-outs from 1 ms to the limit', () => {
    for (const timeoutMs of [1, limits.timeoutMsMax])
      expect(accepts(request({ type: 'gather', timeoutMs }))).toBe(true);
  });

  it('takes a JSON Pointer as the field, and nothing else', () => {
    for (const field of ['', '/', '/cpu', '/a/b~1c', '/0'])
      expect(accepts(request({ type: 'gather', field }))).toBe(true);
    for (const field of ['cpu', '.cpu', 'a/b'])
      expect(accepts(request({ type: 'gather', field }))).toBe(false);
  });

  it('refuses options that look the same in a tally', () => {
    const vote = (options: unknown[]) => request({ type: 'consensus', proposal: { key: 'k', options } });
    expect(accepts(vote([1, '2', true]))).toBe(true);
    expect(accepts(vote([1, '1']))).toBe(false);
    expect(accepts(vote([true, 'true']))).toBe(false);
    expect(accepts(vote([]))).toBe(false);
    expect(accepts(vote(ids(limits.proposalOptionsMax + 1)))).toBe(false);
  });

  it('refuses work without an id of its own, and more than the limit', () => {
    const work = (requests: unknown[]) => request({ type: 'load_balance', requests });
    const many = (count: number) => ids(count).map((id) => ({ id }));
    expect(accepts(work(many(limits.loadBalanceRequestsMax)))).toBe(true);
    expect(accepts(work(many(limits.loadBalanceRequestsMax + 1)))).toBe(false);
    expect(accepts(work([{ id: '1' }, { id: '1' }]))).toBe(false);
    expect(accepts(work([]))).toBe(false);
  });

  it('is judged without an exception, whatever it is', () => {
    const keyed = fc.record(
      { agents: fc.anything(), goal: fc.anything(), maxLayer: fc.anything(), requestId: fc.anything() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), keyed), (value) => {
        expect(typeof accepts(value)).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});

describe('a coordinate reply', () => {
  it('tolerates fields that this version does not know', () => {
    const result = { targeted: 1, delivered: 1, failed: [], missing: [], future: true };
    const reply = sampleReply('broadcast', result);
    expect(coordinateReplySchema.safeParse({ ...reply, future: { a: 1 } }).success).toBe(true);
    expect(coordinateReplySchema.safeParse({ ...reply, status: 'done' }).success).toBe(false);
  });

  it('exists for every type of goal', () => {
    const types = coordinateReplySchema.options.map(({ shape }) => shape.type.value);
    expect(types).toEqual([...goalTypes]);
  });
});

describe('messages of agents', () => {
  it('have defaults where the contract leaves them free', () => {
    expect(registerRequestSchema.parse({})).toEqual({ groups: [], capabilities: [], weight: 1 });
    expect(listRequestSchema.parse({})).toEqual({ limit: 100 });
    expect(assignRequestSchema.parse({ agents: { all: true } })).toEqual({
      ...{ agents: { all: true }, count: 1, algorithm: 'round_robin' },
    });
  });

  it.each([
    { groups: ids(limits.agentGroupsMax + 1) },
    { groups: ['a b'] },
    { weight: 0 },
    { weight: Number.POSITIVE_INFINITY },
    { maxConcurrency: 0 },
    { node: 'a.b' },
    { meta: { text: 'x'.repeat(limits.agentMetaCharsMax) } },
    { agentId: 'me' },
  ])('refuse registration %#', (value) => {
    expect(registerRequestSchema.safeParse(value).success).toBe(false);
  });

  it('carry loads as fractions and counts', () => {
    const beat = (load: object) =>
      heartbeatRequestSchema.safeParse({ token: 't', cpu: 0, memory: 1, queueDepth: 0, active: 0, ...load })
        .success;
    expect(beat({})).toBe(true);
    for (const bad of [
      { cpu: 1.1 },
      { cpu: -0.1 },
      { memory: Number.NaN },
      { queueDepth: 1.5 },
      { active: -1 },
    ]) {
      expect(beat(bad)).toBe(false);
    }
    expect(heartbeatRequestSchema.safeParse({ cpu: 0, memory: 0, queueDepth: 0, active: 0 }).success).toBe(
      false,
    );
  });

  it('list at most a page', () => {
    expect(listRequestSchema.safeParse({ limit: limits.listLimitMax }).success).toBe(true);
    expect(listRequestSchema.safeParse({ limit: limits.listLimitMax + 1 }).success).toBe(false);
  });
});

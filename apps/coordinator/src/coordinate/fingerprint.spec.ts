import { describe, expect, it } from '@jest/globals';
import { coordinateRequestSchema } from '@nexus/contracts';
import { fingerprintOf } from './fingerprint.js';

const fingerprint = (request: object) => fingerprintOf(coordinateRequestSchema.parse(request));

const goal = { type: 'gather', payload: { a: 1, b: [{ c: 2, d: 3 }] }, timeoutMs: 5_000 };
const request = { agents: { group: 'g' }, goal, requestId: 'r-1' };

describe('fingerprintOf', () => {
  it('is the same for a repeat with what is left of the time', () => {
    expect(fingerprint({ ...request, goal: { ...goal, timeoutMs: 17 } })).toBe(fingerprint(request));
  });

  it('is the same in whatever order the keys stand', () => {
    const turned = { payload: { b: [{ d: 3, c: 2 }], a: 1 }, timeoutMs: 5_000, type: 'gather' };
    expect(fingerprint({ goal: turned, agents: request.agents })).toBe(fingerprint(request));
  });

  it('is the same for a stream, and wherever the id stands', () => {
    const { requestId: _, ...unnamed } = request;
    expect(fingerprint({ ...unnamed, stream: true })).toBe(fingerprint(request));
  });

  it('is the same for a repeat whose writer has seen more', () => {
    const causal = { type: 'broadcast', ordering: 'causal', after: { all: { 'c-1.abcdefgh': 1 } } };
    const later = { ...causal, after: { all: { 'c-1.abcdefgh': 2 } } };
    expect(fingerprint({ ...request, goal: later })).toBe(fingerprint({ ...request, goal: causal }));
  });

  it.each([
    ['other agents', { ...request, agents: { group: 'h' } }],
    ['another type', { ...request, goal: { ...goal, type: 'broadcast' } }],
    ['another payload', { ...request, goal: { ...goal, payload: { a: 1, b: [{ c: 2, d: 4 }] } } }],
    ['another order in a list', { ...request, goal: { ...goal, payload: { a: 1, b: [{ c: 3, d: 2 }] } } }],
    ['another aggregate', { ...request, goal: { ...goal, aggregate: 'count' } }],
    ['another bound of sophistication', { ...request, maxLayer: 'foundation' }],
  ])('is another one for %s', (_, other) => {
    expect(fingerprint(other)).not.toBe(fingerprint(request));
  });
});

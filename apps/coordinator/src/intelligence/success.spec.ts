import { describe, expect, it } from '@jest/globals';
import { type CoordinateReply } from '@nexus/contracts';
import { successOf } from './success.js';

const reply = (type: string, result: object, agents = 4) =>
  ({ type, result, performance: { agents } }) as unknown as CoordinateReply;
const accounting = { failed: [{ agentId: 'f', code: 'internal' }], missing: ['m'] };

describe('successOf', () => {
  it.each([
    ['broadcast', { targeted: 4, delivered: 3, ...accounting }, 0.75],
    ['broadcast', { targeted: 4, delivered: 4, acknowledged: 1, ...accounting }, 0.25],
    // Beside an aggregate over many agents the answers are not kept, and are answers all the same.
    ['gather', { responses: [], aggregate: 7, ...accounting }, 0.5],
    ['consensus', { votes: [{}, {}, {}], ...accounting }, 0.75],
    ['load_balance', { assignments: [], results: [{ ok: true }, { ok: false }] }, 0.5],
    ['load_balance', { assignments: [{}, {}] }, 1],
  ] as const)('of %s is the share that did its part', (type, result, success) => {
    expect(successOf(reply(type, result))).toBe(success);
  });
});

import { describe, expect, it } from '@jest/globals';
import { agentIdSchema, parse } from '@nexus/contracts';
import { accountOf } from './account-of.js';

const agents = ['a', 'b', 'c'].map((id) => parse(agentIdSchema, id, 'agent'));
const failed = [{ agentId: 'a', code: 'unavailable' }];
const read = (account: unknown, delivery: 'acknowledged' | 'at_most_once' = 'acknowledged') =>
  accountOf(account, agents, { delivery });

describe('the account of a coordinated run', () => {
  it('names who was not reached, and how that came', () => {
    const { short, answer } = read({ delivered: 2, acknowledged: 1, failed, missing: ['b'] });
    expect([...short]).toEqual([
      ['a', { kind: 'failed', code: 'unavailable', message: 'unavailable' }],
      ['b', { kind: 'missing' }],
    ]);
    expect(answer.delivered).toBe(2);
  });

  it('needs no acknowledgement where none was asked for', () => {
    expect(read({ delivered: 3, failed: [], missing: [] }, 'at_most_once').short.size).toBe(0);
  });

  it.each([
    ['no object', 'done'],
    ['a failure without a code', { delivered: 2, acknowledged: 2, failed: [{ agentId: 'a' }], missing: [] }],
    ['a stranger', { delivered: 3, acknowledged: 2, failed: [], missing: ['d'] }],
    ['one named twice', { delivered: 3, acknowledged: 1, failed, missing: ['a'] }],
    ['more delivered than asked for', { delivered: 4, acknowledged: 3, failed: [], missing: [] }],
    ['numbers that do not add up', { delivered: 3, acknowledged: 3, failed, missing: [] }],
    ['no number', { delivered: 3, failed: [], missing: [] }],
    ['stamps that are none', { delivered: 3, acknowledged: 3, failed: [], missing: [], frontiers: { x: 1 } }],
  ])('is refused with %s', (_what, account) => {
    expect(() => read(account)).toThrow('malformed account');
  });

  it('is refused when it misses somebody who was asked for nothing', () => {
    expect(() => read({ delivered: 3, failed: [], missing: ['a'] }, 'at_most_once')).toThrow('acknowledge');
  });
});

import { describe, expect, it } from '@jest/globals';
import { coordinateRequestSchema, NexusError, parse } from '@nexus/contracts';
import { refuseContradictions } from './contradictions.js';

const after = { all: { 'coordinator-1.abcdefgh': 1 } };
const all = { all: true };
const ids = { ids: ['a'] };

/** The path that is found fault with; undefined when none is. */
function faultOf(goal: object, more: { agents?: object; exclusive?: boolean } = {}): string | undefined {
  const given = { agents: all, goal: { type: 'broadcast', ...goal }, ...more };
  try {
    refuseContradictions(parse(coordinateRequestSchema, given, 'request'));
    return undefined;
  } catch (thrown) {
    const error = NexusError.from(thrown);
    expect(error.code).toBe('invalid_argument');
    return error.details[0]?.path;
  }
}

describe('contradicting options', () => {
  it.each([
    ['what to come after, without an order', { after }, {}, 'goal.after'],
    ['a key, without an order', { key: 'mode' }, {}, 'goal.key'],
    ['a key of named agents', { ordering: 'causal', key: 'mode' }, { agents: ids }, 'goal.key'],
    ['a key told by an agent', { ordering: 'causal', key: 'mode', coordinator: 'a' }, {}, 'goal.key'],
    ['leases for what an agent sends', { coordinator: 'a' }, { exclusive: true }, 'exclusive'],
    ['leases for what is repaired', { ordering: 'causal' }, { exclusive: true }, 'exclusive'],
  ])('are refused: %s', (_what, goal, more, path) => {
    expect(faultOf(goal, more)).toBe(path);
  });

  it.each([
    ['nothing special', {}, {}],
    ['what to come after', { ordering: 'causal', after }, {}],
    ['a key', { ordering: 'causal', key: 'mode', after }, {}],
    ['leases on named agents', { ordering: 'causal' }, { agents: ids, exclusive: true }],
    ['leases without an order', {}, { exclusive: true }],
    ['an agent that runs it', { coordinator: 'a', ordering: 'causal', after }, {}],
  ])('are not: %s', (_what, goal, more) => {
    expect(faultOf(goal, more)).toBeUndefined();
  });
});

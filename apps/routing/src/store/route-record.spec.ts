import { describe, expect, it } from '@jest/globals';
import { agentIdSchema, NexusError } from '@nexus/contracts';
import { recordOf, routeOf } from './route-record.js';
import { positionReply, read } from './script-reply.js';

const record = {
  agentId: agentIdSchema.parse('a'),
  groups: [],
  capabilities: [],
  weight: 1,
  registeredAt: '2026-01-01T00:00:00.000Z',
};
const state = { tokenHash: 'hash', liveness: 'alive', version: 7 };

describe('routeOf', () => {
  it('joins what recordOf took apart', () => {
    const route = routeOf(JSON.stringify(record), state);
    expect(route).toEqual({ ...record, ...state });
    expect(recordOf(route)).toEqual(record);
  });
});

describe('what Redis holds and we did not write', () => {
  it.each([
    ['a row that is no JSON', () => routeOf('{', state)],
    ['a row without its fields', () => routeOf('{}', state)],
    ['a row in a state that is none', () => routeOf(JSON.stringify(record), { ...state, liveness: 'odd' })],
    ['a reply that no script gives', () => read(positionReply, ['epoch', -1, 'open'])],
  ])('is never the fault of whoever asked: %s', (_, load) => {
    let thrown: unknown;
    try {
      load();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(NexusError.from(thrown).code).toBe('internal');
  });
});

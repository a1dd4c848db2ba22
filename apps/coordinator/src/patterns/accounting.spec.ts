import { describe, expect, it } from '@jest/globals';
import { coordinateRequestSchema, parse, type Route, routeSchema, userIdSchema } from '@nexus/contracts';
import { Coordination } from '../coordination/coordination.js';
import { Deadline } from '../coordination/deadline.js';
import { noParts } from '../coordination/part-sink.js';
import { shortfall, statusOf } from './accounting.js';

const routeOf = (agentId: string): Route =>
  routeSchema.parse({
    agentId,
    groups: [],
    capabilities: [],
    weight: 1,
    liveness: 'alive',
    registeredAt: '2030-01-01T00:00:00Z',
    tokenHash: '',
    version: 1,
  });

const coordinationOf = (known: readonly string[], unknown: readonly string[]) => {
  const request = parse(
    coordinateRequestSchema,
    { agents: { ids: [...known, ...unknown] }, goal: { type: 'gather' } },
    'request',
  );
  return new Coordination({
    id: 'c-1',
    user: parse(userIdSchema, 'ann', 'user'),
    request,
    targets: {
      agents: known.map(routeOf),
      unknown,
      selector: request.agents,
      routes: { version: 1, ageMs: 0 },
    },
    deadline: new Deadline(1_000),
    clock: {},
    traceId: '',
    parts: noParts,
  });
};

describe('shortfall', () => {
  it('names every agent that did not answer exactly once', () => {
    const coordination = coordinationOf(['a', 'b', 'c', 'd'], ['x']);
    const { roster } = coordination;
    roster.answer(0, 'done');
    roster.fail(1, { code: 'overloaded', message: 'full' });
    roster.answer(1, 'too late');
    roster.close();
    const { failed, missing } = shortfall(roster, coordination);
    expect(failed).toEqual([
      { agentId: 'b', code: 'overloaded', message: 'full' },
      { agentId: 'x', code: 'not_found', message: 'no such agent is registered' },
    ]);
    expect(missing).toEqual(['c', 'd']);
    const answered = roster.answered().map(({ agentId }) => agentId);
    expect([...answered, ...failed.map(({ agentId }) => String(agentId)), ...missing].sort()).toEqual([
      ...['a', 'b', 'c', 'd', 'x'],
    ]);
  });

  it('is the same ledger for every layer that serves the request', () => {
    const coordination = coordinationOf(['a'], []);
    coordination.roster.answer(0, 'by the first layer');
    expect(coordination.roster.settled).toBe(true);
  });
});

describe('statusOf', () => {
  it.each([
    [{ done: 3, of: 3 }, 'complete'],
    [{ done: 2, of: 3 }, 'partial'],
    [{ done: 0, of: 3 }, 'failed'],
    [{ done: 1, of: 3, atLeast: 2 }, 'failed'],
    [{ done: 2, of: 3, atLeast: 2 }, 'partial'],
    [{ done: 3, of: 3, atLeast: 5 }, 'failed'],
  ])('of %j is %s', (counts, status) => {
    expect(statusOf(counts)).toBe(status);
  });
});

describe('Coordination', () => {
  it('knows whether any agent was sent anything', () => {
    const coordination = coordinationOf(['a'], []);
    expect(coordination.hasSent).toBe(false);
    coordination.noteSent();
    expect(coordination.hasSent).toBe(true);
  });
});

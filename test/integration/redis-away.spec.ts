import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, type TestStack } from '@nexus/testing';
import { type Body, type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';

let scene: ScriptedStack | undefined;
let stack: TestStack;
let fleet: ScriptedFleet;

const agents = { group: 'workers' };
const timeoutMs = 8_000;

beforeAll(async () => {
  scene = await startScriptedStack();
  ({ stack, fleet } = scene);
  for (const agentId of ['one', 'two']) {
    await fleet.join(
      agentId,
      ({ body, answer }) => answer(body['kind'] === 'vote' ? 'blue' : { of: agentId }),
      { groups: ['workers'] },
    );
  }
  stack.servers.redis.kill('SIGKILL');
  await stack.servers.redis.exited;
});

afterAll(() => scene?.stop());

const askedFor = (payload: string) =>
  fleet.deliveries.filter(({ body }) => body['payload'] === payload).map(({ agentId }) => agentId);

describe('while Redis is away', () => {
  it.each<[string, Body, Body]>([
    [
      'a gather',
      { type: 'gather', payload: 'gathered' },
      {
        responses: [
          { agentId: 'one', data: { of: 'one' } },
          { agentId: 'two', data: { of: 'two' } },
        ],
        missing: [],
        failed: [],
      },
    ],
    [
      'a broadcast',
      { type: 'broadcast', delivery: 'acknowledged' },
      { targeted: 2, delivered: 2, acknowledged: 2, failed: [] },
    ],
    ['a broadcast that is not acknowledged', { type: 'broadcast' }, { targeted: 2, delivered: 2 }],
    [
      'a vote that is not committed',
      { type: 'consensus', proposal: { key: 'colour', options: ['blue', 'red'] }, commit: false },
      { decided: true, value: 'blue', tally: { blue: 2 } },
    ],
  ])('%s without a request id is complete', async (_what, goal, result) => {
    const outcome = await fleet.coordinate({ agents, goal: { ...goal, timeoutMs } });
    expect(outcome).toMatchObject({ status: 'complete', result });
  });

  const withId = {
    agents,
    goal: { type: 'gather', payload: 'once', timeoutMs },
    requestId: 'once-1',
  };

  it('a request with an id is refused within its deadline, and nobody is asked', async () => {
    const startedAtMs = performance.now();
    const fault = await fleet.refused(withId);
    expect(performance.now() - startedAtMs).toBeLessThan(timeoutMs);
    expect(fault).toMatchObject({ status: '503', code: 'unavailable' });
    expect(askedFor('once')).toEqual([]);
  });

  it('a refused request is served under the same id once Redis is back', async () => {
    await stack.servers.redis.restart();
    const served = await eventually('the request is served', async () => {
      try {
        return await fleet.coordinate(withId);
      } catch {
        return undefined;
      }
    });
    expect(served.status).toBe('complete');
    expect(askedFor('once').sort()).toEqual(['one', 'two']);
  });
});

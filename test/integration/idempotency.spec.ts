import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection } from '@nats-io/transport-node';
import { limits } from '@nexus/contracts';
import { eventually, gate, type TestStack } from '@nexus/testing';
import { Redis } from 'ioredis';
import { type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';
import { ServiceFigures } from './support/service-figures.js';

let scene: ScriptedStack | undefined;
let stack: TestStack;
let nats: NatsConnection;
let redis: Redis;
let fleet: ScriptedFleet;
/** Opened by the test when agents may answer. */
let mayAnswer = gate();

beforeAll(async () => {
  scene = await startScriptedStack({ coordinators: 2 });
  ({ stack, nats, fleet } = scene);
  redis = new Redis(stack.redisUrl);
  for (const agentId of ['one', 'two']) {
    await fleet.join(
      agentId,
      ({ answer, body }) => void mayAnswer.opened.then(() => answer(body['payload'])),
      { groups: ['pair'] },
    );
  }
});

afterAll(async () => {
  await redis?.quit();
  await scene?.stop();
});

const gather = (payload: string) => ({
  agents: { group: 'pair' },
  goal: { type: 'gather', payload, timeoutMs: 15_000 },
});
const asked = (payload: string) => fleet.deliveries.filter(({ body }) => body['payload'] === payload).length;
const outcomeKeys = () => redis.keys('{nexus}:outcome:*');

describe('a request with an id, repeated', () => {
  it('runs once, however many repeats reach either coordinator while it runs', async () => {
    mayAnswer = gate();
    const figures = new ServiceFigures(nats, 'nexus-coordinator', 2);
    const request = { ...gather('concurrent'), requestId: 'concurrent-1' };
    const replies = Array.from({ length: 60 }, () => fleet.coordinate(request));
    await eventually('the agents are asked', () => asked('concurrent') === 2);
    mayAnswer.open();
    const [first, ...repeats] = await Promise.all(replies);
    expect(first).toMatchObject({
      status: 'complete',
      result: {
        responses: [
          { agentId: 'one', data: 'concurrent' },
          { agentId: 'two', data: 'concurrent' },
        ],
      },
    });
    for (const { reply } of repeats) expect(reply).toEqual(first!.reply);
    expect(asked('concurrent')).toBe(2);
    // The repeats went to both, so that the agreement above is one between processes.
    expect(Math.min(...(await figures.served('coordinate-anonymous')))).toBeGreaterThan(0);
  });

  it('gets the first outcome afterwards, by header or by field', async () => {
    mayAnswer.open();
    const request = gather('afterwards');
    const { reply } = await fleet.coordinate(request, { 'Nats-Msg-Id': 'afterwards-1' });
    for (let repeat = 0; repeat < 6; repeat += 1) {
      expect((await fleet.coordinate({ ...request, requestId: 'afterwards-1' })).reply).toEqual(reply);
    }
    expect(asked('afterwards')).toBe(2);
  });

  it('is a conflict under another body, while the first runs and when it is done', async () => {
    mayAnswer = gate();
    const running = fleet.coordinate({ ...gather('original'), requestId: 'conflict-1' });
    await eventually('the agents are asked', () => asked('original') === 2);
    const other = { ...gather('impostor'), requestId: 'conflict-1' };
    expect(await fleet.refused(other)).toMatchObject({ status: '409', code: 'conflict' });
    mayAnswer.open();
    expect((await running).status).toBe('complete');
    expect(await fleet.refused(other)).toMatchObject({ code: 'conflict' });
    expect(asked('impostor')).toBe(0);
  });

  it('is the same request with less time left, and its keys in another order', async () => {
    mayAnswer.open();
    const first = { ...gather('retried'), requestId: 'retried-1' };
    const { reply } = await fleet.coordinate(first);
    const goal = { timeoutMs: 7_000, payload: 'retried', type: 'gather' };
    const repeat = { requestId: 'retried-1', goal, agents: first.agents };
    expect((await fleet.coordinate(repeat)).reply).toEqual(reply);
    expect(asked('retried')).toBe(2);
  });

  it('runs when Redis had carried out an earlier claim too late for anybody to hear', async () => {
    mayAnswer.open();
    const request = { ...gather('unheard'), requestId: 'unheard-1' };
    stack.servers.redis.kill('SIGSTOP');
    const refusals = await Promise.all([1, 2, 3, 4].map(() => fleet.refused(request)));
    stack.servers.redis.kill('SIGCONT');
    expect(refusals.map(({ code }) => code)).toEqual(Array(4).fill('unavailable'));
    expect((await fleet.coordinate(request)).status).toBe('complete');
    expect(asked('unheard')).toBe(2);
  });

  it('is another request when another caller makes it', async () => {
    mayAnswer.open();
    const request = { ...gather('own'), requestId: 'own-1' };
    const replies = await Promise.all(
      ['ann', 'bob'].map((user) => fleet.request(`nexus.coordinate.${user}`, request)),
    );
    expect(new Set(replies.map((reply) => reply['coordinationId'])).size).toBe(2);
    expect(asked('own')).toBe(4);
  });

  it('runs again after a failure of which nobody had heard', async () => {
    mayAnswer.open();
    const request = {
      agents: { group: 'latecomers' },
      goal: { type: 'gather', payload: 'again' },
      requestId: 'again-1',
    };
    expect(await fleet.refused(request)).toMatchObject({ code: 'not_found' });
    await fleet.join('latecomer', ({ answer }) => answer('here'), { groups: ['latecomers'] });
    const { result } = await fleet.coordinate(request);
    expect(result['responses']).toEqual([{ agentId: 'latecomer', data: 'here' }]);
  });

  it('must not name two ids', async () => {
    const request = { ...gather('two ids'), requestId: 'in-the-body' };
    const fault = await fleet.fault('nexus.coordinate', JSON.stringify(request), {
      'Nats-Msg-Id': 'in-the-header',
    });
    expect(fault).toMatchObject({ code: 'invalid_argument', details: [{ path: 'requestId' }] });
    expect(asked('two ids')).toBe(0);
  });

  it('finds the first outcome for two minutes, and a claim for as long after its deadline', async () => {
    mayAnswer = gate();
    await redis.del(...(await outcomeKeys()));
    const request = { ...gather('window'), requestId: 'window-1' };
    const running = fleet.coordinate(request);
    await eventually('the agents are asked', () => asked('window') === 2);
    const [key, ...others] = await outcomeKeys();
    expect(others).toEqual([]);
    const claimedMs = await redis.pttl(key!);
    expect(claimedMs).toBeGreaterThan(limits.idempotencyWindowMs);
    expect(claimedMs).toBeLessThanOrEqual(limits.idempotencyWindowMs + request.goal.timeoutMs);
    mayAnswer.open();
    await running;
    const keptMs = await redis.pttl(key!);
    expect(limits.idempotencyWindowMs).toBe(120_000);
    expect(keptMs).toBeLessThanOrEqual(limits.idempotencyWindowMs);
    expect(keptMs).toBeGreaterThan(limits.idempotencyWindowMs / 2);
    // The id that a stranger chose is in no key.
    expect(key).not.toContain('window-1');
    // Once the window is over, the id is free.
    await redis.del(key!);
    await fleet.coordinate(request);
    expect(asked('window')).toBe(4);
  });
});

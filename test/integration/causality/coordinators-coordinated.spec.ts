import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { acknowledge, type CausalScene, startCausalScene, stampOf } from './causal-scene.js';

let scene: CausalScene;
/** What the agent that is to run a broadcast does with the message. */
let run: (delivery: Delivery) => void = () => undefined;

const workers = ['a', 'b', 'c'];
const channel = 'group.workers';

beforeAll(async () => {
  scene = await startCausalScene({ coordinators: 1 });
  for (const agentId of workers) await scene.fleet.join(agentId, acknowledge, { groups: ['workers'] });
  await scene.fleet.join('lead', (delivery) => run(delivery), { groups: ['leads'] });
});

afterAll(() => scene.stop());

const ask = (goal: Body = {}, more: Body = {}) =>
  scene.fleet.coordinate({
    agents: { group: 'workers' },
    goal: { type: 'broadcast', coordinator: 'lead', delivery: 'acknowledged', timeoutMs: 3_000, ...goal },
    ...more,
  });

const account = (fields: Body = {}): Body => ({
  delivered: 3,
  acknowledged: 3,
  failed: [],
  missing: [],
  causal: { sender: 'lead.abcdefgh', broadcast: { channel, sequence: 1 }, after: {} },
  frontiers: { [channel]: { 'lead.abcdefgh': 1 } },
  ...fields,
});

const allFailed = (code: string) =>
  workers.map((agentId) => ({ agentId, code, message: expect.stringContaining('lead') }));

describe('a broadcast that an agent runs', () => {
  it('is handed to it whole, and comes after what the caller has seen', async () => {
    const told = await scene.tell();
    run = (delivery) => delivery.answer(account());
    const after = told.result['frontiers'];
    const { result, status } = await ask({ payload: { n: 1 }, ordering: 'causal', after });
    expect(status).toBe('complete');
    expect(result).toEqual({ targeted: 3, ...account() });
    const [handed] = scene.fleet.to('lead').slice(-1);
    expect(handed!.body).toMatchObject({
      kind: 'coordinate',
      payload: {
        ...{ operation: 'broadcast', selector: { group: 'workers' }, agents: workers },
        ...{ payload: { n: 1 }, delivery: 'acknowledged' },
      },
      clock: expect.any(Object),
    });
    expect(handed!.body['budgetMs']).toBeLessThanOrEqual(2_250);
    expect(stampOf(handed!).broadcast).toBeUndefined();
    expect(stampOf(handed!).after).toMatchObject(after as object);
    // The run of another is no broadcast of ours; what follows here comes after it.
    const { stamp } = await scene.tell();
    expect(stamp.broadcast!.sequence).toBe(told.stamp.broadcast!.sequence + 1);
    expect(stamp.after).toMatchObject({ [channel]: { 'lead.abcdefgh': 1 } });
  });

  it('accounts for every agent once, by what the agent says', async () => {
    const failed = [{ agentId: 'a', code: 'overloaded' }];
    run = (delivery) => delivery.answer(account({ acknowledged: 1, failed, missing: ['c'] }));
    const { result, status } = await ask();
    expect(status).toBe('partial');
    expect(result).toMatchObject({
      ...{ targeted: 3, delivered: 3, acknowledged: 1, missing: ['c'] },
      failed: [{ agentId: 'a', code: 'overloaded', message: 'overloaded' }],
    });
  });

  it.each([
    ['tells of strangers', account({ missing: ['z'], acknowledged: 2 }), 'internal'],
    ['tells what does not add up', account({ acknowledged: 2 }), 'internal'],
    ['tells nothing', 'done', 'internal'],
  ])('fails, and is not run again, when the agent %s', async (_what, data, code) => {
    const before = scene.fleet.deliveries.length;
    run = (delivery) => delivery.answer(data);
    const { result, status } = await ask();
    expect(status).toBe('failed');
    expect(result).toMatchObject({ targeted: 3, delivered: 0, acknowledged: 0, missing: [] });
    expect((result['failed'] as Body[]).map((each) => each['code'])).toEqual([code, code, code]);
    expect(scene.fleet.deliveries).toHaveLength(before + 1);
  });

  it('fails with the code that the agent refuses with', async () => {
    run = (delivery) => delivery.refuse('overloaded', 'busy');
    expect((await ask()).result['failed']).toEqual(allFailed('overloaded'));
  });

  it('fails when the agent says nothing in time', async () => {
    run = () => undefined;
    const { result } = await ask({ timeoutMs: 400 });
    expect(result['failed']).toEqual(allFailed('deadline_exceeded'));
  });

  it('is not run by an agent that is not there, and nobody is told', async () => {
    const before = scene.fleet.deliveries.length;
    const { code, details } = await scene.fleet.refused({
      agents: { group: 'workers' },
      goal: { type: 'broadcast', coordinator: 'ghost' },
    });
    expect(code).toBe('not_found');
    expect(details).toEqual([{ path: 'goal.coordinator', message: 'ghost' }]);
    await scene.fleet.request('nexus.agents.register.deaf', { groups: ['leads'] });
    const request = { agents: { group: 'workers' }, goal: { type: 'broadcast', coordinator: 'deaf' } };
    const refused = await eventually('it is known of', async () => {
      const fault = await scene.fleet.refused({ ...request, requestId: 'deaf' });
      return fault.code === 'unavailable' && fault;
    });
    expect(refused.message).toContain('not connected');
    expect(scene.fleet.deliveries).toHaveLength(before);
    // Nothing was sent, so that a repeat is no second run: it is served as soon as the agent is there.
    scene.nats.subscribe('nexus.agent.deaf', {
      callback: (_error, message) => {
        const data = account({ acknowledged: undefined });
        message.respond(JSON.stringify({ agentId: 'deaf', ok: true, data }));
      },
    });
    await scene.nats.flush();
    expect((await scene.fleet.coordinate({ ...request, requestId: 'deaf' })).status).toBe('complete');
  });

  it('is finished by an agent that leaves meanwhile, and run by nobody else', async () => {
    const token = await scene.fleet.join('doomed', () => undefined, { groups: ['leads'] });
    const running = ask({ coordinator: 'doomed', timeoutMs: 20_000 });
    await eventually('it is asked', () => scene.fleet.to('doomed').length === 1);
    const before = scene.fleet.deliveries.length;
    // An agent that leaves in order finishes what it took: that alone ends nothing.
    await scene.fleet.request('nexus.agents.deregister.doomed', { token });
    const [asked] = scene.fleet.to('doomed');
    asked!.answer(account());
    expect((await running).status).toBe('complete');
    expect(scene.fleet.deliveries).toHaveLength(before);
  });

  it('fails at once when the agent is given up as dead', async () => {
    const mortal = await startCausalScene({ coordinators: 1, env: { NEXUS_AGENT_TTL_MS: '2000' } });
    try {
      for (const agentId of ['a', 'doomed']) await mortal.fleet.join(agentId, () => undefined);
      const goal = { type: 'broadcast', coordinator: 'doomed', timeoutMs: 60_000 };
      const { result, status } = await mortal.fleet.coordinate({ agents: { ids: ['a'] }, goal });
      expect(status).toBe('failed');
      expect(result['failed']).toEqual([
        { agentId: 'a', code: 'unavailable', message: expect.stringContaining('died with the run') },
      ]);
    } finally {
      await mortal.stop();
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { type Body, type Delivery, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type DecisionScene, startDecisionScene } from './decision-scene.js';

let scene: DecisionScene | undefined;
let fleet: ScriptedFleet;
/** Deliveries whose payload asks the agent to wait for the test. */
const held: Delivery[] = [];

const script = (delivery: Delivery) => {
  if (delivery.body['payload'] === 'wait') held.push(delivery);
  else delivery.answer(delivery.body['kind'] === 'vote' ? 'red' : 'done');
};

beforeAll(async () => {
  scene = await startDecisionScene({ coordinators: 2 });
  ({ fleet } = scene);
  for (const agentId of ['a', 'b', 'c']) await fleet.join(agentId, script);
});

afterAll(() => scene?.stop());

const gather = (ids: readonly string[], payload: unknown, more: Body = {}): Body => ({
  agents: { ids },
  goal: { type: 'gather', payload, timeoutMs: 20_000 },
  exclusive: true,
  ...more,
});

const tokenOf = ({ body }: Delivery) => Number(body['fencingToken']);
const answerHeld = () => held.splice(0).forEach(({ answer }) => answer('done'));

/** An exclusive request that goes on until `answerHeld`. */
async function hold(ids: readonly string[]) {
  const reply = fleet.coordinate(gather(ids, 'wait'));
  await eventually('the agents are asked', () => held.length === ids.length);
  return { reply, tokens: held.map(tokenOf) };
}

describe('an exclusive request', () => {
  it('keeps another one out, which asks nobody and names the agent', async () => {
    const first = await hold(['a', 'b']);
    const before = fleet.deliveries.length;
    expect(await fleet.refused(gather(['b', 'c'], 'now'))).toMatchObject({
      ...{ status: '409', code: 'conflict' },
      details: [{ path: 'agents', message: 'b' }],
    });
    expect(fleet.deliveries.length).toBe(before);
    answerHeld();
    expect((await first.reply).status).toBe('complete');
    const second = await fleet.coordinate(gather(['b', 'c'], 'now'));
    expect(second.status).toBe('complete');
    expect(tokenOf(fleet.to('b').at(-1)!)).toBeGreaterThan(Math.max(...first.tokens));
  });

  it('lets others than exclusive ones pass, without a token', async () => {
    const first = await hold(['a']);
    const { status } = await fleet.coordinate(gather(['a'], 'now', { exclusive: false }));
    expect(status).toBe('complete');
    expect(fleet.to('a').at(-1)!.body).not.toHaveProperty('fencingToken');
    answerHeld();
    await first.reply;
  });

  it.each([
    [{ type: 'broadcast' }],
    [{ type: 'broadcast', delivery: 'acknowledged' }],
    [{ type: 'gather' }],
    [{ type: 'consensus', proposal: { key: 'k' }, commit: false }],
    [{ type: 'load_balance', requests: [{ id: '1' }, { id: '2' }, { id: '3' }] }],
  ])('marks every message of %j with the token of the agent’s lease', async (goal) => {
    const before = fleet.deliveries.length;
    const ids = ['a', 'b', 'c'];
    await fleet.request('nexus.coordinate', { agents: { ids }, goal, exclusive: true });
    const sent = await eventually('all messages', () => {
      const since = fleet.deliveries.slice(before);
      return since.length === 3 && since;
    });
    const tokens = sent.map(tokenOf);
    expect(tokens.every((token) => Number.isSafeInteger(token) && token > 0)).toBe(true);
    expect(new Set(tokens).size).toBe(3);
  });

  it('gives the agents back whatever becomes of it', async () => {
    const fault = await fleet.refused({
      agents: { ids: ['a', 'b'] },
      goal: { type: 'consensus', proposal: { key: 'k' }, quorum: 3, commit: false },
      exclusive: true,
    });
    expect(fault.code).toBe('invalid_argument');
    for (const agentId of ['a', 'b']) {
      expect(await scene!.client.readLease(`agent.${agentId}`)).toMatchObject({ owner: null });
    }
  });

  it('of several at the same time for the same agents, one gets them', async () => {
    const refusals: string[] = [];
    const replies = Array.from({ length: 6 }, () =>
      fleet.coordinate(gather(['c', 'a', 'b'], 'wait')).catch((error: unknown) => {
        refusals.push(String(error));
        return undefined;
      }),
    );
    await eventually('one has them, and the others know', () => held.length === 3 && refusals.length === 5);
    // Taken in the order of their ids, whatever the order in the request.
    for (const refusal of refusals) expect(refusal).toMatch(/conflict: agent a is held/);
    answerHeld();
    const served = (await Promise.all(replies)).filter((reply) => reply?.status === 'complete');
    expect(served.length).toBe(1);
  });
});

describe('an agent of the SDK', () => {
  it('refuses who was paused and comes with an outdated token', async () => {
    const seen: (number | undefined)[] = [];
    const agent = await Agent.start({
      servers: scene!.stack.natsUrl,
      agentId: 'fenced',
      handlers: { gather: ({ fencingToken }) => void seen.push(fencingToken) },
    });
    try {
      await fleet.coordinate(gather(['fenced'], 'first'));
      const [old] = seen;
      await fleet.coordinate(gather(['fenced'], 'second'));
      const late = { coordinationId: 'c', kind: 'gather', budgetMs: 5_000, attempt: 1, from: 'paused' };
      const reply = await scene!.nats.request(
        'nexus.agent.fenced',
        JSON.stringify({ ...late, fencingToken: old }),
      );
      expect(reply.json()).toMatchObject({ ok: false, error: { code: 'conflict' } });
      expect(seen.length).toBe(2);
      expect(seen[1]).toBeGreaterThan(old!);
      expect(agent.stats.outdated).toBe(1);
    } finally {
      await agent.close();
    }
  });
});

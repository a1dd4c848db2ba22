import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

let scene: ScriptedStack;

beforeAll(async () => {
  scene = await startScriptedStack();
  const echo = ({ body, answer }: Delivery) => answer(body['payload']);
  for (const agentId of ['a', 'b']) await scene.fleet.join(agentId, echo, { groups: ['pair'] });
});

afterAll(() => scene?.stop());

async function share() {
  const requests = Array.from({ length: 10 }, (_, index) => ({ id: `u${index}`, payload: index }));
  const goal = { type: 'load_balance', requests, timeoutMs: 10_000 };
  const { status, reply, result } = await scene.fleet.coordinate({ agents: { group: 'pair' }, goal });
  const results = result['results'] as { agentId: string }[];
  const { balancing } = reply['explain'] as { balancing: Body };
  const { layer, fallbacks } = reply;
  return {
    status,
    layer,
    fallbacks,
    numbers: balancing['numbers'],
    toA: results.filter(({ agentId }) => agentId === 'a'),
  };
}

describe('the performance layer while Redis is away', () => {
  it('goes on by numbers of its own, says so, and shares numbers again afterwards', async () => {
    expect(await share()).toMatchObject({ status: 'complete', numbers: 'shared' });
    const { redis } = scene.stack.servers;
    redis.kill('SIGKILL');
    await redis.exited;
    const away = await eventually('the block is used up', async () => {
      const shared = await share();
      expect(shared).toMatchObject({ status: 'complete', layer: 'performance', fallbacks: [] });
      return shared.numbers === 'own' && shared;
    });
    expect(away.toA).toHaveLength(5);
    await redis.restart();
    await eventually('numbers are shared again', async () => (await share()).numbers === 'shared');
  });

  it('sends what an agent had elsewhere once nobody listens for that agent, though none declares it dead', async () => {
    const held: Delivery[] = [];
    const keep = (delivery: Delivery) => held.push(delivery);
    for (const agentId of ['c', 'd']) await scene.fleet.join(agentId, keep, { groups: ['keepers'] });
    const ask = (id: string) =>
      scene.fleet.coordinate({
        agents: { group: 'keepers' },
        goal: { type: 'load_balance', requests: [{ id }], timeoutMs: 25_000 },
      });
    const { redis } = scene.stack.servers;
    redis.kill('SIGKILL');
    await redis.exited;
    const early = ask('early');
    await eventually('one has it', () => held.length === 1);
    const { agentId: lost } = held[0]!;
    scene.fleet.leave(lost);
    await scene.nats.flush();
    // In turn: one of them is for who is away.
    const late = [ask('late-1'), ask('late-2')];
    await eventually('the other has all three', () => {
      const others = held.filter(({ agentId }) => agentId !== lost);
      return others.length === 3 && others;
    });
    for (const { agentId, answer } of held) if (agentId !== lost) answer('done');
    for (const { result } of await Promise.all([early, ...late])) {
      expect(result['results']).toMatchObject([{ ok: true, data: 'done' }]);
    }
    await redis.restart();
  });
});

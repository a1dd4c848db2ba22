import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, gate } from '@nexus/testing';
import { CausalScene } from '../sdk/causal-scene.js';

let scene: CausalScene;

beforeAll(async () => {
  scene = await CausalScene.open();
});

afterEach(() => scene.clear());

afterAll(() => scene.close());

describe('Agent: causal messages, each once', () => {
  it('handles a repeated broadcast once, and gives the same answer again', async () => {
    const coordinator = await scene.coordinator();
    let calls = 0;
    const { agent, heard } = await scene.listener({ handlers: { broadcast: () => (calls += 1) } });
    const message = coordinator.stamp('all', { payload: 1 });
    const first = await coordinator.ask(agent.agentId, message);
    const again = await coordinator.ask(agent.agentId, { ...message, attempt: 2 });
    expect([first['data'], again['data']]).toEqual([1, 1]);
    expect(heard).toEqual([1]);
    expect(agent.stats.duplicates).toBe(1);
  });

  it('answers a repeat that comes while the first is handled when that ends', async () => {
    const coordinator = await scene.coordinator();
    const handled = gate();
    const { agent, heard } = await scene.listener({ handlers: { broadcast: () => handled.opened } });
    const message = coordinator.stamp('all', { payload: 1 });
    const answers = [coordinator.ask(agent.agentId, message), coordinator.ask(agent.agentId, message)];
    await eventually('the repeat', () => agent.stats.duplicates === 1);
    handled.open();
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(heard).toEqual([1]);
  });

  it('handles a repeated message to it alone once', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener({ handlers: { broadcast: () => 'done' } });
    const message = coordinator.target({ payload: 1 });
    await coordinator.ask(agent.agentId, message);
    expect(await coordinator.ask(agent.agentId, message)).toMatchObject({ ok: true, data: 'done' });
    expect(heard).toEqual([1]);
  });

  it('hears itself once, and its group once, whoever repeats it', async () => {
    const group = scene.group();
    const speaking = await scene.listener({ groups: [group] });
    const other = await scene.listener({ groups: [group] });
    const { agentId } = speaking.agent;
    const { coordinationId, causal, clock } = speaking.agent.publish(group, 'hello');
    await eventually('both', () => speaking.heard.length === 1 && other.heard.length === 1);
    const repeated = { coordinationId, kind: 'broadcast', payload: 'hello', budgetMs: 1_000, attempt: 1 };
    scene.routing.nats.publish(
      `nexus.group.${group}.from.${agentId}`,
      JSON.stringify({ ...repeated, from: agentId, causal, clock }),
    );
    await eventually('the repeat', () => other.agent.stats.duplicates === 1);
    expect([speaking.heard, other.heard]).toEqual([['hello'], ['hello']]);
    expect(speaking.agent.stats).toMatchObject({ published: 1, duplicates: 0, forged: 0 });
  });

  it('counts what it refuses for lack of room as not delivered, and has it repaired later', async () => {
    const coordinator = await scene.coordinator();
    const handled = gate();
    const { agent, heard } = await scene.listener({
      maxConcurrency: 1,
      queueMax: 1,
      handlers: { broadcast: ({ payload }) => (payload === 1 ? handled.opened : undefined) },
    });
    const [first, second, third] = [1, 2, 3].map((payload) => coordinator.stamp('all', { payload }));
    coordinator.send(agent.agentId, first!);
    await eventually('the first', () => heard.length === 1);
    coordinator.send(agent.agentId, second!);
    expect(await coordinator.ask(agent.agentId, third!)).toMatchObject({
      ok: false,
      error: { code: 'overloaded' },
      frontiers: { all: { [coordinator.sender]: 2 } },
    });
    handled.open();
    await eventually('the two', () => heard.length === 2);
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 4 }));
    await eventually('all four', () => heard.length === 4);
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(coordinator.repairs).toHaveLength(1);
    expect(agent.stats).toMatchObject({ overloaded: 1, missed: 0 });
  });

  it('refuses an outdated lease in its turn, and goes on', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener();
    const fenced = (payload: number, fencingToken: number) =>
      coordinator.ask(agent.agentId, coordinator.stamp('all', { payload, more: { fencingToken } }));
    expect(await fenced(1, 7)).toMatchObject({ ok: true });
    expect(await fenced(2, 6)).toMatchObject({ ok: false, error: { code: 'conflict' } });
    expect(await fenced(3, 7)).toMatchObject({ ok: true });
    expect(heard).toEqual([1, 3]);
    expect(agent.stats).toMatchObject({ outdated: 1, missed: 0 });
  });

  it('answers what it holds back when it leaves, and finishes what it has begun', async () => {
    const coordinator = await scene.coordinator();
    coordinator.helpful = false;
    const { agent, heard } = await scene.listener();
    coordinator.stamp('all', { payload: 'missing' });
    const held = coordinator.ask(agent.agentId, coordinator.stamp('all', { payload: 'held' }));
    await eventually('one held back', () => agent.load().queueDepth === 1);
    await agent.close();
    expect(await held).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(heard).toEqual([]);
  });

  it('handles nothing twice after its id was taken for a while', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener();
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 1 }));
    await eventually('the first', () => heard.length === 1);
    scene.routing.tokens.set(agent.agentId, 'of another');
    await eventually('its id lost', () => !agent.registered);
    scene.routing.tokens.delete(agent.agentId);
    await eventually('its id back', () => agent.registered);
    const [first] = coordinator.sent.get('all')!;
    coordinator.send(agent.agentId, first!);
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 2 }));
    await eventually('the second', () => heard.includes(2));
    expect(heard).toEqual([1, 2]);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/sdk';
import { eventually, gate } from '@nexus/testing';
import { CausalScene } from '../sdk/causal-scene.js';
import { PlainCoordinator } from '../sdk/plain-coordinator.js';

const { after } = PlainCoordinator;
let scene: CausalScene;

beforeAll(async () => {
  scene = await CausalScene.open();
});

afterEach(() => scene.clear());

afterAll(() => scene.close());

describe('Agent: causal order', () => {
  it('delivers an effect after its cause, across two coordinators', async () => {
    const [one, other] = [await scene.coordinator(), await scene.coordinator()];
    const { agent, heard } = await scene.listener();
    const cause = one.stamp('all', { payload: 'cause' });
    const effect = other.stamp('all', { payload: 'effect', after: after(cause) });
    other.send(agent.agentId, effect);
    await other.nats.flush();
    one.send(agent.agentId, cause);
    await eventually('both', () => heard.length === 2);
    expect(heard).toEqual(['cause', 'effect']);
  });

  it('keeps the order of one coordinator, however it arrives', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener();
    const messages = [1, 2, 3, 4, 5].map((payload) => coordinator.stamp('all', { payload }));
    for (const at of [4, 2, 3, 0, 1]) coordinator.send(agent.agentId, messages[at]!);
    await eventually('all five', () => heard.length === 5);
    expect(heard).toEqual([1, 2, 3, 4, 5]);
  });

  it('orders what agents publish themselves among what coordinators send', async () => {
    const coordinator = await scene.coordinator();
    const group = scene.group();
    const asking = await scene.listener({ groups: [group] });
    const other = await scene.listener({ groups: [group] });
    const question = coordinator.stamp(`group.${group}`, { payload: 'question' });
    coordinator.send(asking.agent.agentId, question);
    await eventually('the question', () => asking.heard.length === 1);
    asking.agent.publish(group, 'answer');
    await eventually('the answer, held back', () => other.agent.load().queueDepth === 1);
    expect(other.heard).toEqual([]);
    coordinator.send(other.agent.agentId, question);
    await eventually('both', () => other.heard.length === 2);
    expect(other.heard).toEqual(['question', 'answer']);
    expect(asking.heard).toEqual(['question', 'answer']);
    expect(other.messages[1]).toMatchObject({ from: asking.agent.agentId, kind: 'broadcast' });
  });

  it('passes on what it hears of channels that it does not belong to, however far their sender has come', async () => {
    const coordinator = await scene.coordinator();
    const group = scene.group();
    const { agent, heard } = await scene.listener({ groups: [group] });
    const elsewhere = { 'group.elsewhere': { [coordinator.sender]: 5_000_000 } };
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 'told', after: elsewhere }));
    await eventually('the message', () => heard.length === 1);
    expect(agent.publish(group, 'next').frontiers).toMatchObject(elsewhere);
  });

  it('says in its answer what it has published meanwhile, on other channels too', async () => {
    const coordinator = await scene.coordinator();
    const [group, other] = [scene.group(), scene.group()];
    const { agent } = await scene.listener({ groups: [group, other] });
    const { causal } = agent.publish(other, 'on the way');
    const message = coordinator.stamp(`group.${group}`, { payload: 'question' });
    const answer = await coordinator.ask(agent.agentId, message);
    expect(answer['frontiers']).toEqual({
      [`group.${group}`]: { [coordinator.sender]: 1 },
      [`group.${other}`]: { [causal.sender]: 1 },
    });
    // Who knows of it is not told again.
    const after = { [`group.${other}`]: { [causal.sender]: 1 } };
    const next = coordinator.stamp(`group.${group}`, { payload: 'next', after });
    expect(await coordinator.ask(agent.agentId, next)).toMatchObject({
      frontiers: { [`group.${group}`]: { [coordinator.sender]: 2 } },
    });
  });

  it('publishes from a handler, after the message of that handler', async () => {
    const coordinator = await scene.coordinator();
    const group = scene.group();
    const relaying = await scene.listener({
      groups: [group],
      handlers: {
        broadcast: ({ payload }) => {
          if (payload === 'ping') relaying.agent.publish(group, 'pong');
        },
      },
    });
    coordinator.send(relaying.agent.agentId, coordinator.stamp(`group.${group}`, { payload: 'ping' }));
    await eventually('its own answer', () => relaying.heard.length === 2);
    expect(relaying.heard).toEqual(['ping', 'pong']);
    const [ping, pong] = relaying.messages;
    expect(pong!.causal!.after).toMatchObject({ [`group.${group}`]: { [ping!.causal!.sender]: 1 } });
  });

  it('starts no effect before the handler of its cause has ended, and others meanwhile', async () => {
    const [one, other] = [await scene.coordinator(), await scene.coordinator()];
    const cause = gate();
    const { agent, heard } = await scene.listener({
      handlers: { broadcast: ({ payload }) => (payload === 'cause' ? cause.opened : undefined) },
    });
    const first = one.stamp('all', { payload: 'cause' });
    one.send(agent.agentId, first);
    one.send(agent.agentId, one.stamp('all', { payload: 'effect' }));
    await eventually('the cause', () => heard.length === 1);
    other.send(agent.agentId, other.stamp('all', { payload: 'unrelated' }));
    await eventually('the unrelated one', () => heard.length === 2);
    expect(heard).toEqual(['cause', 'unrelated']);
    cause.open();
    await eventually('the effect', () => heard.length === 3);
  });

  it('goes on when a handler outlasts its budget', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener({
      handlers: {
        broadcast: ({ payload, signal }) =>
          payload === 1 ? new Promise((resolve) => signal.addEventListener('abort', resolve)) : undefined,
      },
    });
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 1, more: { budgetMs: 100 } }));
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 2 }));
    await eventually('the second', () => heard.length === 2);
  });

  it('lets what is in no causal operation pass what is held back', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener({ handlers: { task: () => 'done' } });
    const missing = coordinator.stamp('all', { payload: 'missing' });
    coordinator.helpful = false;
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 'held' }));
    await eventually('one held back', () => agent.load().queueDepth === 1);
    const task = { coordinationId: 't', kind: 'task', payload: 1, budgetMs: 5_000, attempt: 1, from: 'c' };
    expect(await coordinator.ask(agent.agentId, task)).toMatchObject({ ok: true, data: 'done' });
    expect(heard).toEqual([]);
    coordinator.send(agent.agentId, missing);
    await eventually('both', () => heard.length === 2);
    expect(heard).toEqual(['missing', 'held']);
  });

  it('makes nobody wait for what is sent to single agents', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener();
    coordinator.target({ payload: 'for another' });
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 'for all' }));
    await eventually('the broadcast', () => heard.length === 1);
  });

  it('handles a message whose budget is over in its place, and does not answer it', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard, messages } = await scene.listener();
    const first = coordinator.stamp('all', { payload: 1 });
    const second = coordinator.stamp('all', { payload: 2, more: { budgetMs: 50 } });
    coordinator.helpful = false;
    const unanswered = expect(coordinator.ask(agent.agentId, second, 1_000)).rejects.toThrow();
    await eventually('one held back', () => agent.load().queueDepth === 1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    coordinator.send(agent.agentId, first);
    await eventually('both', () => heard.length === 2);
    expect(heard).toEqual([1, 2]);
    expect(messages[1]!.budgetMs).toBeGreaterThan(0);
    await unanswered;
    expect(agent.stats).toMatchObject({ lost: 1, expired: 0 });
  });

  it('tells with its answer what it has seen', async () => {
    const coordinator = await scene.coordinator();
    const group = scene.group();
    const { agent } = await scene.listener({ groups: [group] });
    const { causal } = agent.publish(group, 'mine');
    const message = coordinator.stamp(`group.${group}`, { payload: 1, more: { clock: { c: 7 } } });
    const answer = await coordinator.ask(agent.agentId, message);
    expect(answer).toMatchObject({
      ok: true,
      // Its own broadcast, and the receipt of this one.
      clock: { [causal.sender]: 2 },
      frontiers: { [`group.${group}`]: { [causal.sender]: 1, [coordinator.sender]: 1 } },
    });
    const silent = await scene.listener({ groups: [group] });
    const other = await coordinator.ask(silent.agent.agentId, message);
    expect(other['clock']).toBeUndefined();
  });

  it('refuses to publish what it cannot, and sends nothing then', async () => {
    const group = scene.group();
    const { agent } = await scene.listener({ groups: [group] });
    const codeOf = (publish: () => unknown) => {
      try {
        publish();
        return undefined;
      } catch (error) {
        return NexusError.from(error).code;
      }
    };
    expect(codeOf(() => agent.publish('another', 1))).toBe('invalid_argument');
    expect(codeOf(() => agent.publish(group, 1n))).toBe('invalid_argument');
    expect(codeOf(() => agent.publish(group, 'x'.repeat(2_000_000)))).toBe('payload_too_large');
    expect(agent.publish(group, 'fine').causal.broadcast).toEqual({ channel: `group.${group}`, sequence: 1 });
    await agent.close();
    expect(codeOf(() => agent.publish(group, 1))).toBe('unavailable');
  });

  it('is another sender after each start', async () => {
    const group = scene.group();
    const first = await scene.listener({ groups: [group] });
    const { agentId } = first.agent;
    const before = first.agent.publish(group, 1).causal;
    await first.agent.close();
    const second = await scene.listener({ groups: [group], agentId });
    const now = second.agent.publish(group, 2).causal;
    expect(now.broadcast).toEqual(before.broadcast);
    expect(now.sender).not.toBe(before.sender);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { CausalScene, type Listener } from '../sdk/causal-scene.js';
import { type PlainCoordinator } from '../sdk/plain-coordinator.js';
import { type Body } from '../support/scripted-fleet.js';

let scene: CausalScene;

beforeAll(async () => {
  scene = await CausalScene.open();
});

afterEach(() => scene.clear());

afterAll(() => scene.close());

const tell = (subject: string, message: Body): void => {
  scene.routing.nats.publish(subject, JSON.stringify(message));
};

/** Whatever it was told before: it is told the next, and handles it. */
async function stillListens({ agent, heard }: Listener, coordinator: PlainCoordinator): Promise<void> {
  const before = heard.length;
  const message = coordinator.stamp('all', { payload: 'and then' });
  expect(await coordinator.ask(agent.agentId, message)).toMatchObject({ ok: true });
  expect(heard.slice(before)).toEqual(['and then']);
}

describe('Agent: hostile stamps', () => {
  it('drops what a peer says in the name of another, and counts it', async () => {
    const [coordinator, victim] = [await scene.coordinator(), await scene.coordinator()];
    const group = scene.group();
    const listener = await scene.listener({ groups: [group] });
    const { agentId } = listener.agent;
    const forged = victim.stamp(`group.${group}`, { payload: 'forged' });
    tell(`nexus.agent.${agentId}.from.mallory`, forged);
    tell(`nexus.group.${group}.from.mallory`, forged);
    await eventually('both forgeries', () => listener.agent.stats.forged === 2);
    expect(listener.heard).toEqual([]);
    const dropped = { kind: 'message_dropped', reason: 'forged_stamp' };
    expect(listener.events).toContainEqual(expect.objectContaining(dropped));
    await stillListens(listener, coordinator);
  });

  it('drops what anybody says in the name of the agent itself', async () => {
    const coordinator = await scene.coordinator();
    const group = scene.group();
    const listener = await scene.listener({ groups: [group] });
    const { causal } = listener.agent.publish(group, 'mine');
    await eventually('its own', () => listener.heard.length === 1);
    const broadcast = { channel: `group.${group}`, sequence: 2 };
    const message = coordinator.target({ payload: 'not mine' });
    coordinator.send(listener.agent.agentId, { ...message, causal: { ...causal, broadcast } });
    await eventually('the forgery', () => listener.agent.stats.forged === 1);
    expect(listener.agent.publish(group, 'mine too').causal.broadcast).toEqual(broadcast);
    await eventually('its second', () => listener.heard.length === 2);
    expect(listener.heard).toEqual(['mine', 'mine too']);
  });

  it('takes nothing of another channel on the subject of a group', async () => {
    const coordinator = await scene.coordinator();
    const [one, other] = [scene.group(), scene.group()];
    const listener = await scene.listener({ groups: [one, other] });
    const message = coordinator.target({ payload: 'astray' });
    const causal = {
      sender: 'mallory.aaaaaaaa',
      broadcast: { channel: `group.${other}`, sequence: 1 },
      after: {},
    };
    tell(`nexus.group.${one}.from.mallory`, { ...message, causal });
    await eventually('the stray one', () => listener.agent.stats.forged === 1);
    await stillListens(listener, coordinator);
  });

  it('takes no orders from peers, and believes the subject about who they are', async () => {
    const coordinator = await scene.coordinator();
    const listener = await scene.listener({ handlers: { task: () => 'obeyed' } });
    const { agentId } = listener.agent;
    const plain = { coordinationId: 'p', payload: 1, budgetMs: 1_000, attempt: 1, from: 'coordinator-1' };
    const order = JSON.stringify({ ...plain, kind: 'task' });
    const answer = await scene.routing.nats.request(`nexus.agent.${agentId}.from.mallory`, order);
    expect(answer.json()).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    tell(`nexus.agent.${agentId}.from.peer-1`, { ...plain, kind: 'broadcast' });
    await eventually('the broadcast', () => listener.messages.length === 1);
    expect(listener.messages[0]!.from).toBe('peer-1');
    await stillListens(listener, coordinator);
  });

  it('refuses a channel that it does not belong to', async () => {
    const coordinator = await scene.coordinator();
    const listener = await scene.listener();
    const astray = coordinator.stamp('group.strangers', { payload: 1 });
    expect(await coordinator.ask(listener.agent.agentId, astray)).toMatchObject({
      error: { code: 'invalid_argument' },
    });
    expect(listener.agent.stats.unbelieved).toBe(1);
    await stillListens(listener, coordinator);
  });

  it('is held up by no sequence, however huge', async () => {
    const coordinator = await scene.coordinator();
    const listener = await scene.listener();
    await scene.settled(listener);
    const message = coordinator.target({ payload: 'huge' });
    const broadcast = { channel: 'all', sequence: Number.MAX_SAFE_INTEGER };
    const causal = { sender: 'mallory.aaaaaaaa', broadcast, after: {} };
    tell(`nexus.agent.${listener.agent.agentId}.from.mallory`, { ...message, causal });
    const channels = { all: Number.MAX_SAFE_INTEGER };
    tell('nexus.causal.frontier.mallory', { sender: 'mallory.aaaaaaaa', channels });
    await stillListens(listener, coordinator);
    await eventually('nothing held back', () => listener.agent.load().queueDepth === 0);
  });

  it('carries on no more than its bounds of thousands of senders that do not exist', async () => {
    const coordinator = await scene.coordinator();
    const group = scene.group();
    const listener = await scene.listener({ groups: [group] });
    for (let round = 0; round < 4; round += 1) {
      const names = Array.from({ length: 1_000 }, (_, each) => [`ghost-${round}-${each}.aaaaaaaa`, 1]);
      const message = coordinator.target({ payload: 'ghosts' });
      const after = { 'group.elsewhere': Object.fromEntries(names) as Body };
      const causal = { sender: `mallory-${round}.aaaaaaaa`, after };
      tell(`nexus.agent.${listener.agent.agentId}.from.mallory-${round}`, { ...message, causal });
    }
    await eventually('all four', () => listener.heard.length === 4);
    const { causal } = listener.agent.publish(group, 'mine');
    for (const frontier of Object.values(causal.after)) {
      expect(Object.keys(frontier).length).toBeLessThanOrEqual(1_024);
    }
    await stillListens(listener, coordinator);
  });

  it('drops stamps that are none, and names that mean something to the language', async () => {
    const coordinator = await scene.coordinator();
    const listener = await scene.listener();
    const { agentId } = listener.agent;
    const { causal: _, ...plain } = coordinator.target({ payload: 'odd' });
    const after = (text: string) =>
      `{"sender":"x.aaaaaaaa","broadcast":{"channel":"all","sequence":1},"after":${text}}`;
    const odd = [
      '{}',
      '{"sender":"x","after":{}}',
      after('{"all":{"__proto__":1}}'),
      after('{"__proto__":{"y.aaaaaaaa":1}}'),
      after('{"all":{"y.aaaaaaaa":-1}}'),
      after('{"all":{"y.aaaaaaaa":1.5}}'),
      after('{"all":7}'),
    ];
    for (const causal of odd) {
      const body = `${JSON.stringify(plain).slice(0, -1)},"causal":${causal}}`;
      scene.routing.nats.publish(`nexus.agent.${agentId}`, body);
    }
    const last = coordinator.target({ payload: 'and then' });
    expect(await coordinator.ask(agentId, last)).toMatchObject({ ok: true });
    // `__proto__` is no name of a sender or a channel: it is left out, and the rest is one broadcast.
    expect(listener.agent.stats).toMatchObject({ received: 8, malformed: 5, duplicates: 1 });
    expect([...listener.heard].sort()).toEqual(['and then', 'odd']);
  });

  it('takes from a repair nothing but what it asked for', async () => {
    const coordinator = await scene.coordinator();
    coordinator.helpful = false;
    const listener = await scene.listener();
    await scene.settled(listener);
    const { nats } = scene.routing;
    const missing = coordinator.stamp('all', { payload: 'missing' });
    const forged = { ...missing, causal: { ...missing.causal, sender: 'other.aaaaaaaa' } };
    const later = { ...missing, causal: { ...missing.causal, broadcast: { channel: 'all', sequence: 9 } } };
    const answers = [[forged, later, { nonsense: true }], [missing]];
    nats.subscribe('nexus.causal.recover', {
      callback: (_error, message) => {
        message.respond(JSON.stringify({ messages: answers.shift() ?? [] }));
      },
    });
    await nats.flush();
    coordinator.send(listener.agent.agentId, coordinator.stamp('all', { payload: 'held' }));
    await eventually('both', () => listener.heard.length === 2);
    expect(listener.heard).toEqual(['missing', 'held']);
  });
});

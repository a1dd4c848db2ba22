import { createInbox } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { CausalScene } from '../sdk/causal-scene.js';
import { type Body } from '../support/scripted-fleet.js';

let scene: CausalScene;

beforeAll(async () => {
  scene = await CausalScene.open();
});

afterEach(() => scene.clear());

afterAll(() => scene.close());

describe('Agent: missed broadcasts', () => {
  it('asks the sender for what it missed', async () => {
    const coordinator = await scene.coordinator();
    const { agent, heard } = await scene.listener();
    coordinator.stamp('all', { payload: 1 });
    coordinator.stamp('all', { payload: 2 });
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 3 }));
    await eventually('all three', () => heard.length === 3);
    expect(heard).toEqual([1, 2, 3]);
    expect(coordinator.repairs[0]).toEqual({ channel: 'all', sender: coordinator.sender, from: 1, to: 2 });
    expect(agent.stats.missed).toBe(0);
  });

  it('notices that it missed the last one when the sender tells how far it has come', async () => {
    const coordinator = await scene.coordinator();
    const listener = await scene.listener();
    const { heard } = listener;
    await scene.settled(listener);
    coordinator.stamp('all', { payload: 'last' });
    coordinator.tellFrontier('all');
    await eventually('the last', () => heard.length === 1);
    expect(coordinator.repairs).toHaveLength(1);
  });

  it('gets what a sender that is gone has sent from others that have kept it', async () => {
    const coordinator = await scene.coordinator();
    const [lucky, unlucky] = [await scene.listener(), await scene.listener()];
    await scene.settled(lucky, unlucky);
    const missed = coordinator.stamp('all', { payload: 1 });
    coordinator.send(lucky.agent.agentId, missed);
    await eventually('the first, at one', () => lucky.heard.length === 1);
    coordinator.helpful = false;
    coordinator.send(unlucky.agent.agentId, coordinator.stamp('all', { payload: 2 }));
    await eventually('both, at the other', () => unlucky.heard.length === 2);
    expect(unlucky.heard).toEqual([1, 2]);
    expect(unlucky.agent.stats.missed).toBe(0);
  });

  it('reports a gap that nobody can close, and goes on', async () => {
    const coordinator = await scene.coordinator();
    coordinator.helpful = false;
    const { agent, heard, events } = await scene.listener();
    coordinator.stamp('all', { payload: 1 });
    coordinator.stamp('all', { payload: 2 });
    coordinator.send(agent.agentId, coordinator.stamp('all', { payload: 3 }));
    await eventually('the third', () => heard.length === 1);
    expect(heard).toEqual([3]);
    const gap = { kind: 'causal_gap', channel: 'all', sender: coordinator.sender, from: 1, to: 2 };
    expect(events).toContainEqual(gap);
    expect(agent.stats.missed).toBe(2);
  });

  it('gives a false cause up without a word of a gap, and hears that sender as before', async () => {
    const [one, other] = [await scene.coordinator(), await scene.coordinator()];
    const { agent, heard } = await scene.listener();
    const false_ = { all: { [other.sender]: 900 } };
    one.send(agent.agentId, one.stamp('all', { payload: 'liar', after: false_ }));
    await eventually('the liar', () => heard.length === 1);
    other.send(agent.agentId, other.stamp('all', { payload: 'honest' }));
    await eventually('the honest one', () => heard.length === 2);
  });

  it('owes nothing from before it began to listen', async () => {
    const coordinator = await scene.coordinator();
    coordinator.talkative = true;
    for (const payload of [1, 2, 3, 4, 5]) coordinator.stamp('all', { payload });
    const { agent, heard } = await scene.listener();
    const message = coordinator.stamp('all', { payload: 6 });
    expect(await coordinator.ask(agent.agentId, message)).toMatchObject({ ok: true });
    expect(heard).toEqual([6]);
    const [, second] = coordinator.sent.get('all')!;
    expect(await coordinator.ask(agent.agentId, second!)).toMatchObject({ error: { code: 'conflict' } });
    expect(coordinator.repairs).toEqual([]);
  });

  it('starts as soon as it is registered, however long the others think', async () => {
    const coordinator = await scene.coordinator();
    const { agent } = await scene.listener();
    const task = { coordinationId: 't', kind: 'gather', payload: 1, budgetMs: 5_000, attempt: 1, from: 'c' };
    // It does not wait for senders to say where they stand: there is one answer at once.
    expect(await coordinator.ask(agent.agentId, task)).toMatchObject({ error: { code: 'not_found' } });
  });

  it('hands out what it has published, says where it stands, and tells how far it has come', async () => {
    const group = scene.group();
    const channel = `group.${group}`;
    const { nats } = scene.routing;
    const { agent } = await scene.listener({ groups: [group] });
    const other = await scene.listener({ groups: [group] });
    const beacons: Body[] = [];
    nats.subscribe(`nexus.causal.frontier.${agent.agentId}`, {
      callback: (_error, message) => void beacons.push(message.json<Body>()),
    });
    await nats.flush();
    const published = [1, 2, 3].map((payload) => agent.publish(group, payload));
    // Whoever asks a sender has heard of it, and by then it answers.
    await eventually('all three, at another', () => other.heard.length === 3);
    const { sender } = published[0]!.causal;
    const asked = { channel, sender, from: 2, to: 3 };
    const repair = `nexus.causal.repair.${agent.agentId}`;
    const reply = (await nats.request(repair, JSON.stringify(asked))).json<{ messages: Body[] }>();
    expect(reply).toMatchObject({
      messages: [
        { payload: 2, causal: { broadcast: { channel, sequence: 2 } } },
        { payload: 3, causal: { broadcast: { channel, sequence: 3 } } },
      ],
      keptFrom: 1,
    });
    const standing = await nats.request('nexus.causal.sync', JSON.stringify({ channels: [channel] }));
    // Either of the two may be the first to answer.
    expect(standing.json()).toMatchObject({ frontiers: { [channel]: { [sender]: 3 } } });
    await eventually('two beacons', () => beacons.length >= 2);
    expect(beacons[0]).toEqual({ sender, channels: { [channel]: 3 } });
  });

  it('tells how far it came when it leaves, so that the loss of its last word is noticed', async () => {
    const group = scene.group();
    const { nats } = scene.routing;
    const { agent } = await scene.listener({ groups: [group] });
    const beacons: Body[] = [];
    nats.subscribe(`nexus.causal.frontier.${agent.agentId}`, {
      callback: (_error, message) => void beacons.push(message.json<Body>()),
    });
    await nats.flush();
    const { causal } = agent.publish(group, 'last');
    await agent.close();
    await nats.flush();
    await eventually('its last frontier', () => beacons.length > 0);
    expect(beacons.at(-1)).toEqual({ sender: causal.sender, channels: { [`group.${group}`]: 1 } });
  });

  it('does not answer who asks for what is not kept here', async () => {
    const group = scene.group();
    const channel = `group.${group}`;
    const { nats } = scene.routing;
    const { agent } = await scene.listener({ groups: [group] });
    const other = await scene.listener({ groups: [group] });
    const { causal } = agent.publish(group, 'kept');
    await eventually('it, at another', () => other.heard.length === 1);
    const inbox = createInbox();
    const replies: Body[] = [];
    nats.subscribe(inbox, { callback: (_error, message) => void replies.push(message.json<Body>()) });
    for (const sender of ['stranger.aaaaaaaa', causal.sender]) {
      const asked = JSON.stringify({ channel, sender, from: 1, to: 1 });
      nats.publish(`nexus.causal.repair.${agent.agentId}`, asked, { reply: inbox });
    }
    await eventually('the one that is kept', () => replies.length > 0);
    expect(replies).toMatchObject([{ messages: [{ payload: 'kept' }] }]);
  });

  it('finds out after an outage what it missed, from a peer', async () => {
    const group = scene.group();
    const speaking = await scene.listener({ groups: [group] });
    const listening = await scene.listener({ groups: [group] });
    speaking.agent.publish(group, 'before');
    await eventually('the first', () => listening.heard.length === 1);
    scene.servers.nats.kill('SIGKILL');
    await eventually('the outage', () => !speaking.agent.registered && !listening.agent.registered);
    await scene.servers.nats.restart();
    await eventually('the return', () => speaking.agent.registered);
    for (let each = 0; each < 3; each += 1) speaking.agent.publish(group, each);
    await eventually('all of them', () => listening.heard.length === 4);
    expect(listening.heard).toEqual(['before', 0, 1, 2]);
  });
});

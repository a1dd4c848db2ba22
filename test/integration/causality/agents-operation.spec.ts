import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { coordinateAnswerSchema, type CoordinatePayload } from '@nexus/contracts';
import { eventually, gate } from '@nexus/testing';
import { CausalScene, type Listener } from '../sdk/causal-scene.js';
import { PlainCoordinator } from '../sdk/plain-coordinator.js';
import { type Body } from '../support/scripted-fleet.js';
import { lossy } from './lossy-connection.js';

let scene: CausalScene;

beforeAll(async () => {
  scene = await CausalScene.open();
});

afterEach(() => scene.clear());

afterAll(() => scene.close());

interface Asked {
  readonly selector: { readonly group: string } | { readonly ids: readonly string[] };
  readonly agents: readonly (Listener | string)[];
  readonly delivery?: CoordinatePayload['delivery'];
}

/** What an agent is asked that is to run a broadcast itself. */
const operation = ({ selector, agents, delivery = 'acknowledged' }: Asked): Body => ({
  operation: 'broadcast',
  selector,
  agents: agents.map((each) => (typeof each === 'string' ? each : each.agent.agentId)),
  payload: 'go',
  delivery,
});

/** Hands it to the agent as a coordinator does. */
async function run(by: Listener, payload: Body, more: Body = {}) {
  const coordinator = await scene.coordinator();
  const message = coordinator.target({ payload, more: { kind: 'coordinate', ...more } });
  const answer = await coordinator.ask(by.agent.agentId, message, 10_000);
  expect(answer).toMatchObject({ ok: true });
  return coordinateAnswerSchema.parse(answer['data']);
}

describe('Agent: coordinated operations', () => {
  it('tells a group in its own name, itself included, and counts who has acknowledged', async () => {
    const group = scene.group();
    const crew = await Promise.all([1, 2, 3].map(() => scene.listener({ groups: [group] })));
    const [leader] = crew;
    const answer = await run(leader!, operation({ selector: { group }, agents: crew }));
    expect(answer).toMatchObject({ delivered: 3, acknowledged: 3, failed: [], missing: [] });
    const { causal } = answer;
    expect(causal!.broadcast).toEqual({ channel: `group.${group}`, sequence: 1 });
    expect(answer.frontiers).toMatchObject({ [`group.${group}`]: { [causal!.sender]: 1 } });
    for (const { heard, messages } of crew) {
      expect(heard).toEqual(['go']);
      expect(messages[0]!.from).toBe(leader!.agent.agentId);
    }
  });

  it('accounts for each agent once: those that failed, are gone, and are silent', async () => {
    const group = scene.group();
    const never = gate();
    const fails = () => {
      throw new Error('no');
    };
    const leader = await scene.listener();
    const fine = await scene.listener({ groups: [group] });
    const failing = await scene.listener({ groups: [group], handlers: { broadcast: fails } });
    const silent = await scene.listener({ groups: [group], handlers: { broadcast: () => never.opened } });
    const agents = [fine, failing, silent, 'nobody'];
    const answer = await run(leader, operation({ selector: { group }, agents }), { budgetMs: 1_500 });
    never.open();
    expect(answer).toMatchObject({ delivered: 3, acknowledged: 1 });
    const accounted = new Map(answer.failed.map(({ agentId, code }) => [String(agentId), code]));
    expect(accounted.get(failing.agent.agentId)).toBe('internal');
    expect(accounted.get('nobody')).toBe('unavailable');
    const { agentId } = silent.agent;
    // Its own budget and the wait for it end together: either is the first to say so.
    expect(accounted.get(agentId) ?? answer.missing[0]).toBe(
      accounted.has(agentId) ? 'deadline_exceeded' : agentId,
    );
    expect(answer.failed.length + answer.missing.length + answer.acknowledged!).toBe(4);
    expect(leader.heard).toEqual([]);
  });

  it('asks nobody for an answer where none is wanted', async () => {
    const group = scene.group();
    const crew = await Promise.all([1, 2].map(() => scene.listener({ groups: [group] })));
    const answer = await run(
      crew[0]!,
      operation({ selector: { group }, agents: crew, delivery: 'at_most_once' }),
    );
    expect(answer).toMatchObject({ delivered: 2, failed: [], missing: [] });
    expect(answer.acknowledged).toBeUndefined();
    await eventually('both', () => crew.every(({ heard }) => heard.length === 1));
    expect(crew[1]!.agent.stats.answered).toBe(0);
  });

  it('moves no sequence when the agents are named by their ids', async () => {
    const group = scene.group();
    const [leader, told, other] = await Promise.all([1, 2, 3].map(() => scene.listener({ groups: [group] })));
    const agents = [leader!, told!];
    const ids = agents.map(({ agent }) => agent.agentId);
    const answer = await run(leader!, operation({ selector: { ids }, agents }));
    expect(answer).toMatchObject({ delivered: 2, acknowledged: 2 });
    expect(answer.causal!.broadcast).toBeUndefined();
    expect(leader!.agent.publish(group, 'next').causal.broadcast!.sequence).toBe(1);
    await eventually('the next', () => other!.heard.length === 1);
    expect(other!.heard).toEqual(['next']);
  });

  it('comes after what it was asked to come after', async () => {
    const group = scene.group();
    const channel = `group.${group}`;
    const coordinator = await scene.coordinator();
    const leader = await scene.listener();
    const told = await scene.listener({ groups: [group] });
    const cause = coordinator.stamp(channel, { payload: 'cause' });
    coordinator.helpful = false;
    const payload = operation({ selector: { group }, agents: [told], delivery: 'at_most_once' });
    const after = PlainCoordinator.after(cause);
    const message = coordinator.target({ payload, after, more: { kind: 'coordinate' } });
    // The leader is of another group, and waits for nothing; what it tells carries the cause on.
    const answer = await coordinator.ask(leader.agent.agentId, message);
    expect(answer).toMatchObject({ data: { causal: { after } } });
    await eventually('the effect, held back', () => told.agent.load().queueDepth === 1);
    coordinator.send(told.agent.agentId, cause);
    await eventually('both', () => told.heard.length === 2);
    expect(told.heard).toEqual(['cause', 'go']);
  });

  it('hands out what all of a group missed that it does not belong to itself', async () => {
    const group = scene.group();
    const leader = await scene.listener();
    const isFromLeader = (subject: string) => subject.endsWith(`.from.${leader.agent.agentId}`);
    const deaf = async () =>
      scene.listener({ groups: [group] }, lossy(await scene.connection(), isFromLeader));
    const crew = [await deaf(), await deaf()];
    await scene.settled(...crew);
    const asked = operation({ selector: { group }, agents: crew, delivery: 'at_most_once' });
    const { causal } = await run(leader, asked);
    await run(leader, asked);
    await eventually('both, at all', () => crew.every(({ heard }) => heard.length === 2));
    for (const { messages, agent, events } of crew) {
      expect(messages.map(({ from }) => from)).toEqual([leader.agent.agentId, leader.agent.agentId]);
      expect(agent.stats.missed).toBe(0);
      expect(events.filter(({ kind }) => kind === 'causal_gap')).toEqual([]);
    }
    expect(causal!.broadcast).toEqual({ channel: `group.${group}`, sequence: 1 });
    expect(leader.heard).toEqual([]);
  });

  it('lets two agents with one place each run operations on each other', async () => {
    const group = scene.group();
    const pair = await Promise.all([1, 2].map(() => scene.listener({ groups: [group], maxConcurrency: 1 })));
    const answers = await Promise.all(
      pair.map((leader) => run(leader, operation({ selector: { group }, agents: pair }))),
    );
    expect(answers).toMatchObject([{ acknowledged: 2 }, { acknowledged: 2 }]);
    expect(pair.map(({ heard }) => heard)).toEqual([
      ['go', 'go'],
      ['go', 'go'],
    ]);
  });

  it('refuses what is no operation, and leaves it to a handler where there is one', async () => {
    const coordinator = await scene.coordinator();
    const plain = await scene.listener();
    const nonsense = coordinator.target({ payload: { operation: 'dance' }, more: { kind: 'coordinate' } });
    expect(await coordinator.ask(plain.agent.agentId, nonsense)).toMatchObject({
      error: { code: 'invalid_argument' },
    });
    const own = await scene.listener({ handlers: { coordinate: () => 'danced' } });
    const again = coordinator.target({ payload: { operation: 'dance' }, more: { kind: 'coordinate' } });
    expect(await coordinator.ask(own.agent.agentId, again)).toMatchObject({ data: 'danced' });
  });

  it('answers with what it has when it leaves', async () => {
    const group = scene.group();
    const never = gate();
    const leader = await scene.listener();
    const silent = await scene.listener({ groups: [group], handlers: { broadcast: () => never.opened } });
    const running = run(leader, operation({ selector: { group }, agents: [silent] }), { budgetMs: 8_000 });
    await eventually('the message', () => silent.heard.length === 1);
    await leader.agent.close({ drainTimeoutMs: 50 });
    expect(await running).toMatchObject({ acknowledged: 0, missing: [silent.agent.agentId] });
    never.open();
  });
});

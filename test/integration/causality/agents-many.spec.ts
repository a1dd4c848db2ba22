import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { CausalScene } from '../sdk/causal-scene.js';
import { PlainCoordinator } from '../sdk/plain-coordinator.js';

const agentsOnOneConnection = 200;
const speakers = 4;
const rounds = 5;

let scene: CausalScene;

beforeAll(async () => {
  scene = await CausalScene.open();
});

afterEach(() => scene.clear());

afterAll(() => scene.close());

describe('Agent: many on one connection', () => {
  it('delivers to all of them in order and once, what agents and coordinators say of each other', async () => {
    const group = scene.group();
    const channel = `group.${group}`;
    const connection = await scene.connection();
    const all = await Promise.all(
      Array.from({ length: agentsOnOneConnection }, () => scene.listener({ groups: [group] }, connection)),
    );
    const coordinator = await scene.coordinator();
    const said: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const after: Record<string, number> = {};
      all.slice(0, speakers).forEach(({ agent }, speaker) => {
        said.push(`${round}-${speaker}`);
        const { causal } = agent.publish(group, { round, speaker });
        after[causal.sender] = causal.broadcast!.sequence;
      });
      // The coordinator comes after this round, and its message may well arrive first.
      const payload = { round, speaker: 'coordinator' };
      const message = coordinator.stamp(channel, { payload, after: { [channel]: after } });
      for (const { agent } of all) coordinator.send(agent.agentId, message);
      said.push(`${round}-coordinator`);
      await eventually('the coordinator at the speakers', () =>
        all.slice(0, speakers).every(({ heard }) => heard.length === said.length),
      );
    }
    await eventually('all at all', () => all.every(({ heard }) => heard.length === said.length));
    for (const { heard, agent } of all) {
      const names = (heard as { round: number; speaker: number | string }[]).map(
        ({ round, speaker }) => `${round}-${speaker}`,
      );
      expect([...names].sort()).toEqual([...said].sort());
      for (let round = 0; round < rounds; round += 1) {
        // The speakers of a round in any order, then the coordinator, then the next round.
        expect(names.indexOf(`${round}-coordinator`)).toBe((round + 1) * (speakers + 1) - 1);
      }
      expect(agent.stats).toMatchObject({ missed: 0, forged: 0, malformed: 0 });
    }
  }, 180_000);

  it('gives each agent a payload of its own, though the message is read once', async () => {
    const group = scene.group();
    const connection = await scene.connection();
    const spoil = ({ payload }: { payload: unknown }) =>
      void Object.assign(payload as object, { spoilt: true });
    const [speaker, ...others] = await Promise.all(
      [1, 2, 3].map(() => scene.listener({ groups: [group], handlers: { broadcast: spoil } }, connection)),
    );
    const payload = { plain: true };
    speaker!.agent.publish(group, payload);
    await eventually('both', () => others.every(({ heard }) => heard.length === 1));
    expect(others[0]!.heard[0]).not.toBe(others[1]!.heard[0]);
    expect(payload).toEqual({ plain: true });
  });

  it('copies a payload before a handler can have changed it', async () => {
    const group = scene.group();
    const connection = await scene.connection();
    const seen: unknown[] = [];
    const count = ({ payload }: { payload: unknown }) => {
      const counting = payload as { n: number };
      counting.n += 1;
      seen.push(counting.n);
    };
    await Promise.all(
      [1, 2, 3].map(() => scene.listener({ groups: [group], handlers: { broadcast: count } }, connection)),
    );
    // In no causal operation: the handler of each is called before the next agent is told.
    const message = {
      coordinationId: 'c',
      kind: 'broadcast',
      payload: { n: 0 },
      budgetMs: 5_000,
      attempt: 1,
    };
    scene.routing.nats.publish(
      `nexus.group.${group}.from.peer`,
      JSON.stringify({ ...message, from: 'peer' }),
    );
    await eventually('all three', () => seen.length === 3);
    expect(seen).toEqual([1, 1, 1]);
  });

  it('makes up for what the whole connection missed with one question', async () => {
    const connection = await scene.connection();
    const all = await Promise.all(Array.from({ length: 20 }, () => scene.listener({}, connection)));
    await scene.settled(...all);
    const coordinator = await scene.coordinator();
    const missed = coordinator.stamp('all', { payload: 1 });
    const message = coordinator.stamp('all', { payload: 2, after: PlainCoordinator.after(missed) });
    for (const { agent } of all) coordinator.send(agent.agentId, message);
    await eventually('both at all', () => all.every(({ heard }) => heard.length === 2));
    expect(coordinator.repairs).toHaveLength(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type HostedAgentOptions } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { HostScene } from './host-scene.js';

let scene: HostScene;

beforeAll(async () => {
  scene = await HostScene.start();
});

afterAll(() => scene.stop());

const stampOf = (sender: string, group: string, sequence: number, after: object = {}) => ({
  kind: 'broadcast',
  payload: `${sender.split('.')[0]} ${sequence}`,
  causal: { sender, broadcast: { channel: `group.${group}`, sequence }, after },
});

/** Agents of one group that write down what they are told. */
function chronicle(group: string, count: number) {
  const told = new Map<string, unknown[]>();
  const agents = Array.from({ length: count }, (_, index): HostedAgentOptions => ({
    agentId: `${group}-${index}`,
    groups: [group],
    handlers: {
      broadcast: ({ payload }, { agentId }) =>
        void told.set(agentId, [...(told.get(agentId) ?? []), payload]),
    },
  }));
  return { agents, told, all: () => [...told.values()] };
}

describe('AgentHost: causal order', () => {
  it('is kept for each of its agents, and repeats are delivered once', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    const { agents, all } = chronicle(group, 3);
    await host.addAll(agents);
    const [one, two] = ['one.aaaaaaaa', 'two.bbbbbbbb'];
    const send = (over: object) => scene.tell(`nexus.group.${group}`, scene.message({ ...over }));
    const reply = stampOf(two, group, 1, { [`group.${group}`]: { [one]: 2 } });
    const [first, second] = [stampOf(one, group, 1), stampOf(one, group, 2)];
    send(first);
    send(reply);
    send(second);
    send(second);
    await eventually('all are told', () => all().length === 3 && all().every((each) => each.length === 3));
    expect(all()).toEqual(Array.from({ length: 3 }, () => ['one 1', 'one 2', 'two 1']));
    await eventually('the repeat is counted', () => host.stats.duplicates === 3);
    await host.agents[0]!.close();
    expect(host.stats.duplicates).toBe(3);
  });

  it('is answered as whoever asked awaits it, with what the agent has seen', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(chronicle(group, 2).agents);
    const sender = 'three.cccccccc';
    const frontiers = { [`group.${group}`]: { [sender]: 1 } };
    const told = scene.message(stampOf(sender, group, 1));
    const whole = await scene.gather(`nexus.group.${group}`, told, 2);
    expect(whole.heard.every(({ body }) => body['hostId'] === host.hostId)).toBe(true);
    expect([...whole.answers.values()]).toEqual([
      expect.objectContaining({ ok: true, frontiers }),
      expect.objectContaining({ ok: true, frontiers }),
    ]);
    const alone = scene.message(stampOf(sender, group, 2));
    const single = await scene.gather(`nexus.host.${host.hostId}.${group}-0`, alone, 1);
    expect(single.heard[0]).toMatchObject({
      subject: single.reply,
      body: { agentId: `${group}-0`, ok: true },
    });
  });

  it('holds for what another agent tells the group', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    const { agents, all } = chronicle(group, 2);
    await host.addAll(agents);
    const peer = scene.name('peer');
    const sender = `${peer}.dddddddd`;
    for (const sequence of [1, 3, 2]) {
      const message = scene.message({ ...stampOf(sender, group, sequence), from: peer });
      scene.tell(`nexus.group.${group}.from.${peer}`, message);
    }
    await eventually('all are told', () => all().length === 2 && all().every((each) => each.length === 3));
    expect(all()[1]).toEqual([`${peer} 1`, `${peer} 2`, `${peer} 3`]);
  });
});

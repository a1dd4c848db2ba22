import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GossipPutReply, type GossipStateReply, type SharedKey } from '@nexus/contracts';
import { MeshMember } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { Connection } from '@nexus/wire';
import { type Body, type Delivery } from '../support/scripted-fleet.js';
import { acknowledge, type CausalScene, startCausalScene, stampOf } from '../causality/causal-scene.js';
import { ServedLog } from '../decisions/served-log.js';

/** The log is served by the test: so it can be away, and be back, at any moment. */
let log: ServedLog;
let scene: CausalScene;
const resolved: SharedKey[] = [];
/** What agents were told and have not acknowledged. */
const held: Delivery[] = [];

beforeAll(async () => {
  scene = await startCausalScene({
    gossips: 2,
    env: { NEXUS_GOSSIP_ROUND_MS: '100', NEXUS_OFFICE_TTL_MS: '1500' },
  });
  log = new ServedLog(scene.nats);
  for (const agentId of ['a', 'b'])
    await scene.fleet.join(agentId, (delivery) => void held.push(delivery), { groups: ['workers'] });
  scene.nats.subscribe('nexus.events.gossip.resolved', {
    callback: (_error, message) => void resolved.push(message.json<SharedKey>()),
  });
  await eventually('all members know each other', async () => {
    const { members } = (await scene.fleet.request('nexus.gossip.members', {})) as { members: Body[] };
    return members.filter(({ status }) => status === 'alive').length === 5;
  });
});

afterAll(() => scene.stop());

const readAll = async (key: string): Promise<SharedKey | undefined> => {
  const { keys } = (await scene.fleet.request('nexus.gossip.state', {
    keyPrefix: key,
  })) as unknown as GossipStateReply;
  return keys.find((each) => each.key === key);
};

const share = (key: string, payload: unknown, goal: Body = {}) => scene.tell({ key, payload, ...goal });

/** Two values of one key by two coordinators that cannot have known of each other. */
async function shareConcurrently(key: string): Promise<SharedKey> {
  for (let round = 0; ; round += 1) {
    // A key of its own for each try: by the queue group's luck both may come to one coordinator.
    const name = `${key}-${round}`;
    const told = await Promise.all(['red', 'blue'].map((colour) => share(name, { colour, round })));
    if (told[0]!.stamp.sender === told[1]!.stamp.sender) continue;
    return eventually('both values stand', async () => {
      const standing = await readAll(name);
      return standing?.values.length === 2 && standing;
    });
  }
}

const colours = ({ values }: SharedKey) =>
  values.map(({ value }) => (value as { colour: string }).colour).toSorted();

describe('keys that coordinators share', () => {
  it('have one value when it is told once, and when it is told by who knows of the other', async () => {
    const { result, stamp } = await share('mode', { colour: 'green' });
    expect(result['conflict']).toBe(false);
    expect(stamp.broadcast).toBeDefined();
    const allKnow = (colour: string) =>
      eventually(`all know ${colour}`, async () => {
        // Of one member, which must know the value itself: one that has not heard of it yet agrees with the others too.
        const { converged, keys } = (await scene.fleet.request('nexus.gossip.state', {
          keyPrefix: 'mode',
        })) as unknown as GossipStateReply;
        return converged && keys[0] !== undefined && colours(keys[0])[0] === colour;
      });
    await allKnow('green');
    for (let n = 0; n < 6; n += 1) {
      expect((await share('mode', { colour: `green-${n}` })).result['conflict']).toBe(false);
      await allKnow(`green-${n}`);
    }
    const standing = (await readAll('mode'))!;
    expect(colours(standing)).toEqual(['green-5']);
    expect(standing.conflict).toBe(false);
    expect(resolved).toEqual([]);
  });

  it('keep values side by side that were told at once, while there is no log', async () => {
    const standing = await shareConcurrently('split');
    expect(standing.conflict).toBe(true);
    expect(colours(standing)).toEqual(['blue', 'red']);
    expect(resolved).toEqual([]);
  });

  it('say so to callers that are answered when both values are known', async () => {
    const goal = { delivery: 'acknowledged', timeoutMs: 20_000 };
    for (let round = 0; ; round += 1) {
      const key = `said-${round}`;
      held.length = 0;
      const asked = ['red', 'blue'].map((colour) => share(key, { colour }, goal));
      await eventually('both are told', () => held.length === 4);
      const apart = new Set(held.map((delivery) => stampOf(delivery).sender)).size === 2;
      if (apart) {
        await eventually('all know both', async () => {
          const state = (await scene.fleet.request('nexus.gossip.state', {
            keyPrefix: key,
          })) as unknown as GossipStateReply;
          return state.converged && state.keys[0]?.values.length === 2;
        });
      }
      for (const delivery of held) acknowledge(delivery);
      const told = await Promise.all(asked);
      if (!apart) continue;
      expect(told.map(({ result }) => result['conflict'])).toEqual([true, true]);
      return;
    }
  });

  it('are resolved by the log once it is there: shared, told after both, and said as an event', async () => {
    const standing = await shareConcurrently('later');
    const { key } = standing;
    await log.serve();
    const event = await eventually('it is resolved', () => resolved.find((each) => each.key === key));
    expect(event.conflict).toBe(false);
    const now = await eventually('all have the one value', async () => {
      const read = await readAll(key);
      return read?.values.length === 1 && read;
    });
    const [value] = now.values;
    expect(colours(standing)).toContain((value!.value as { colour: string }).colour);
    const record = await log.log.read(`resolution.${key}`);
    expect(record).toMatchObject({
      value: { value: value!.value, told: [{ channel: 'group.workers' }, {}] },
    });
    for (const agentId of ['a', 'b']) {
      const told = await eventually('the agents are told', () => {
        const all = scene.fleet.to(agentId).filter(({ body }) => {
          return JSON.stringify(body['payload']) === JSON.stringify(value!.value);
        });
        return all.length >= 2 && all;
      });
      const last = stampOf(told.at(-1)!);
      const both = (record.value as { told: { sender: string; sequence: number }[] }).told;
      for (const { sender, sequence } of both) {
        const seen = (last.after as Record<string, Record<string, number>>)['group.workers']?.[sender];
        expect(seen).toBeGreaterThanOrEqual(sequence);
      }
    }
  });

  it('are resolved too when they were left side by side long before', async () => {
    await eventually('all conflicts are gone', async () => {
      const { keys } = (await scene.fleet.request('nexus.gossip.state', {})) as unknown as GossipStateReply;
      return keys.every(({ conflict }) => !conflict);
    });
    expect(resolved.some(({ key }) => key.startsWith('split'))).toBe(true);
  });

  it('that outsiders put are resolved as well, and told to nobody', async () => {
    const before = scene.fleet.deliveries.length;
    const put = (colour: string) =>
      // A clock that covers nothing: each replaces none of the other.
      scene.fleet.request('nexus.gossip.put', {
        ...{ key: 'outside', value: { colour }, clock: {} },
      }) as unknown as Promise<GossipPutReply>;
    await put('red');
    await put('blue');
    const { values } = await eventually('it is resolved', async () => {
      const standing = await readAll('outside');
      return resolved.some(({ key }) => key === 'outside') && standing?.conflict === false && standing;
    });
    expect(values).toHaveLength(1);
    expect(scene.fleet.deliveries).toHaveLength(before);
  });

  it('that an agent puts are told to nobody, whatever it says that it told', async () => {
    const connection = await Connection.open({ servers: scene.nats.getServer(), name: 'liar' });
    const agent = await MeshMember.start({
      ...{ connection, prefix: 'nexus', self: { id: 'liar', kind: 'agent' } },
      ...{ vitals: () => ({ cpu: 0, memory: 0, loopLagMs: 0 }), settings: { roundMs: 100 } },
    });
    const { reply } = await share('honest', { colour: 'green' });
    expect(reply).toBeDefined();
    const before = scene.fleet.deliveries.length;
    const now = Date.now();
    agent.put('service', 'coordinator');
    for (const key of ['honest', 'lies']) {
      agent.put(`told/${key}`, { channel: 'group.workers', sender: 'liar.abcdefghij', sequence: 1 });
      agent.put(`s/${key}`, [
        [now, {}, { colour: 'false' }],
        [now + 1, {}, { colour: 'wrong' }],
      ]);
    }
    for (const key of ['honest', 'lies']) {
      await eventually(`${key} is resolved`, async () => {
        const standing = await readAll(key);
        return resolved.some((each) => each.key === key) && standing?.conflict === false;
      });
    }
    expect(colours((await readAll('honest'))!)).toEqual(['green']);
    expect(scene.fleet.deliveries).toHaveLength(before);
    await agent.leave();
    await connection.close();
  });

  it('leave nothing in the log once they are long resolved', async () => {
    await eventually(
      'no resolution stands in the log',
      async () => ((await log.log.read('resolutions')).value as string[]).length === 0,
      30_000,
    );
    for (const { key } of resolved) expect((await log.log.read(`resolution.${key}`)).version).toBe(0);
  }, 40_000);
});

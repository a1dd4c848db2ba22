import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FleetCensus } from '@nexus/contracts';
import { eventually } from '@nexus/testing';
import { type DecisionScene, startDecisionScene } from './decision-scene.js';

let scene: DecisionScene | undefined;
const counted: FleetCensus[] = [];

const election = 'coordinator.duties';
const inOffice = () => scene!.client.readElection(election);

beforeAll(async () => {
  scene = await startDecisionScene({
    coordinators: 3,
    env: { NEXUS_OFFICE_TTL_MS: '1500', NEXUS_CENSUS_INTERVAL_MS: '100' },
  });
  scene.nats.subscribe('nexus.events.fleet.counted', {
    callback: (_error, message) => void counted.push(message.json<FleetCensus>()),
  });
  for (const agentId of ['a', 'b']) await scene.fleet.join(agentId, () => undefined, { groups: ['workers'] });
});

afterAll(() => scene?.stop());

const nextCounts = async (count: number) => {
  const from = counted.length;
  return eventually(`${count} counts`, () => counted.length >= from + count && counted.slice(from));
};

describe('the duties of the coordinators', () => {
  it('are done by the one in office', async () => {
    await eventually('all stand for it', async () => (await inOffice()).waiting.length === 2);
    const { leader } = await inOffice();
    const census = await eventually('all agents are counted', () =>
      counted.find(({ alive, by }) => alive === 2 && by === leader),
    );
    expect(census).toMatchObject({
      suspected: 0,
      groups: [{ group: 'workers', alive: 2 }],
      groupsLeftOut: 0,
    });
    const by = new Set((await nextCounts(5)).map((each) => each.by));
    expect([...by]).toEqual([leader]);
    expect(await scene!.client.read('fleet.census')).toMatchObject({ value: { alive: 2, by: leader } });
  });

  it('pass to another when the one in office is killed', async () => {
    const before = await inOffice();
    const killed = scene!.stack.coordinators.find(({ nodeId }) => nodeId === before.leader)!;
    await killed.cut();
    await eventually('another counts', () => counted.at(-1)!.by !== before.leader);
    const after = await inOffice();
    expect(after.leader).not.toBe(before.leader);
    expect(after.fencingToken).toBeGreaterThan(before.fencingToken!);
    // What the killed one would still do, had it only been paused.
    const outdated = scene!.client.propose({
      ...({ type: 'put', key: 'fleet.census', value: 'stale' } as const),
      fence: { resource: election, token: before.fencingToken! },
    });
    await expect(outdated).rejects.toMatchObject({ code: 'conflict' });
  });

  it('pass at once when the one in office ends in order', async () => {
    const before = await inOffice();
    const leaving = scene!.stack.coordinators.find(({ nodeId }) => nodeId === before.leader)!;
    await leaving.close();
    const { leader } = await inOffice();
    expect(leader).not.toBe(before.leader);
    expect(leader).not.toBeNull();
  });
});

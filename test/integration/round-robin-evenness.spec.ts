import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NatsConnection } from '@nats-io/transport-node';
import { type Body, type ScriptedFleet } from './support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from './support/scripted-stack.js';
import { ServiceFigures } from './support/service-figures.js';

const total = 10_000;
const members = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

let scene: ScriptedStack | undefined;
let nats: NatsConnection;
let fleet: ScriptedFleet;

beforeAll(async () => {
  scene = await startScriptedStack({ coordinators: 2, routings: 2 });
  ({ nats, fleet } = scene);
  for (const agentId of members) {
    await fleet.join(agentId, ({ answer }) => answer(agentId), {
      groups: ['seven'],
      capabilities: ['seventh'],
      // As many as one request gives each: nobody's turn goes to another for want of room.
      maxConcurrency: 100,
    });
  }
});

afterAll(() => scene?.stop());

/** Cuts the total into requests of 1 to 97 units, all sizes mixed. */
function sizes(): number[] {
  const cut: number[] = [];
  for (let left = total, index = 0; left > 0; index += 1) {
    const size = Math.min(left, 1 + ((index * 37) % 97));
    cut.push(size);
    left -= size;
  }
  return cut;
}

/** Assigns by a coordination or, every third time in the layer that shares blocks with it, by `routing.assign`. */
async function assign(agents: Body, count: number, index: number, maxLayer: string): Promise<string[]> {
  if (maxLayer === 'performance' && index % 3 === 0) {
    const reply = await fleet.request('nexus.routing.assign', { agents, count });
    return reply['assignments'] as string[];
  }
  const requests = Array.from({ length: count }, (_, unit) => ({ id: `${index}-${unit}` }));
  const goal = { type: 'load_balance', requests, dispatch: false, timeoutMs: 20_000 };
  const { result } = await fleet.coordinate({ agents, goal, maxLayer });
  return (result['assignments'] as { agentId: string }[]).map(({ agentId }) => agentId);
}

function countsOf(assigned: readonly string[]): number[] {
  const counts = new Map(members.map((agentId) => [agentId, 0]));
  for (const agentId of assigned) counts.set(agentId, (counts.get(agentId) ?? 0) + 1);
  return [...counts.values()];
}

const spread = (counts: readonly number[]) => Math.max(...counts) - Math.min(...counts);

/**
 * How uneven shares may be. The performance layer draws numbers in blocks: each coordinator may hold what is left of two,
 * and a run of numbers that is not used yet makes a difference of one at most.
 */
const layers = [
  ['foundation', 1],
  ['performance', 1 + 2 * 4],
] as const;

describe.each(layers)('round robin of the %s layer over two coordinators', (maxLayer, spreadMax) => {
  it.each([
    ['a group', { group: 'seven' }],
    ['a capability', { capability: 'seventh' }],
    ['ids', { ids: members }],
  ])('shares 10,000 parallel assignments evenly over %s', async (_, agents) => {
    const coordinators = new ServiceFigures(nats, 'nexus-coordinator', 2);
    const before = await coordinators.served('coordinate-anonymous');
    const assigned = await Promise.all(sizes().map((count, index) => assign(agents, count, index, maxLayer)));
    const counts = countsOf(assigned.flat());
    expect(counts).toHaveLength(members.length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(total);
    expect(spread(counts)).toBeLessThanOrEqual(spreadMax);
    const after = await coordinators.served('coordinate-anonymous');
    expect(Math.min(...after)).toBeGreaterThan(0);
    expect(after.reduce((sum, served) => sum + served, 0)).toBeGreaterThan(
      before.reduce((sum, served) => sum + served, 0),
    );
  });

  it('means one set by its ids, in whatever order they are named', async () => {
    const four = members.slice(0, 4);
    const orders = four.flatMap((_, turn) => {
      const turned = [...four.slice(turn), ...four.slice(0, turn)];
      return [turned, turned.toReversed()];
    });
    // One unit at a time: were each order a series of its own, every series would begin with the same agent.
    const assigned = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        assign({ ids: orders[index % orders.length] }, 1, index, maxLayer),
      ),
    );
    const counts = countsOf(assigned.flat());
    expect(counts.slice(4)).toEqual([0, 0, 0]);
    expect(spread(counts.slice(0, 4))).toBeLessThanOrEqual(spreadMax - 1);
  });

  it('sends the work where it was assigned when nobody refuses', async () => {
    const sent = new Map(members.map((agentId) => [agentId, fleet.to(agentId).length]));
    const requests = Array.from({ length: 700 }, (_, index) => ({ id: `u${index}` }));
    const goal = { type: 'load_balance', requests, timeoutMs: 20_000 };
    const { status, result } = await fleet.coordinate({ agents: { group: 'seven' }, goal, maxLayer });
    expect(status).toBe('complete');
    const results = result['results'] as { requestId: string; agentId: string; data: string }[];
    expect(results.map(({ requestId }) => requestId)).toEqual(requests.map(({ id }) => id));
    expect(countsOf(results.map(({ data }) => data))).toEqual(members.map(() => 100));
    expect(members.map((agentId) => fleet.to(agentId).length - (sent.get(agentId) ?? 0))).toEqual(
      members.map(() => 100),
    );
  });
});

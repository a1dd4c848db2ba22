import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Body, type ScriptedFleet } from '../support/scripted-fleet.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

let scene: ScriptedStack | undefined;
let fleet: ScriptedFleet;
const members = Array.from({ length: 5 }, (_, at) => `m${at}`);
const agents = { group: 'five' };

beforeAll(async () => {
  scene = await startScriptedStack();
  ({ fleet } = scene);
  for (const agentId of members) await fleet.join(agentId, () => undefined, { groups: ['five'] });
});

afterAll(() => scene?.stop());

async function assign(request: Body): Promise<string[]> {
  const reply = await fleet.request('nexus.routing.assign', { agents, ...request });
  return reply['assignments'] as string[];
}

const countsOf = (assigned: readonly string[]) =>
  members.map((member) => assigned.filter((agentId) => agentId === member).length);

describe('nexus.routing.assign', () => {
  it('gives a batch out in turn, and single units too', async () => {
    expect(countsOf(await assign({ count: 20 }))).toEqual([4, 4, 4, 4, 4]);
    const singly = countsOf((await Promise.all(Array.from({ length: 20 }, () => assign({})))).flat());
    // What is left of two blocks makes a difference of one each.
    expect(Math.max(...singly) - Math.min(...singly)).toBeLessThanOrEqual(3);
  });

  it.each([
    'least_connections',
    'weighted_response_time',
    'resource_aware',
    'adaptive',
    'power_of_two',
    'peak_ewma',
  ])('spreads a batch by %s, more than all have room for too', async (algorithm) => {
    const counts = countsOf(await assign({ count: 1_000, algorithm }));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    // Nothing is known of any of them: nobody gets much more than a fair share.
    expect(Math.max(...counts)).toBeLessThanOrEqual(400);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  it('keeps equal keys together', async () => {
    const assigned: string[] = [];
    for (let at = 0; at < 10; at += 1) {
      assigned.push(...(await assign({ algorithm: 'consistent_hash', affinities: ['key'] })));
    }
    // One unit in a hundred goes round robin, whatever the algorithm.
    expect(Math.max(...countsOf(assigned))).toBeGreaterThanOrEqual(8);
  });

  it('asks no agent, and leaves nothing in flight', async () => {
    const before = fleet.deliveries.length;
    await assign({ count: 200, algorithm: 'least_connections' });
    expect(fleet.deliveries).toHaveLength(before);
    // Whatever was given out before counts no more: a small batch is as even as the first one.
    const counts = countsOf(await assign({ count: 10, algorithm: 'least_connections' }));
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  });

  it.each<[string, Body, string]>([
    ['nobody of a group', { agents: { group: 'none' } }, 'not_found'],
    ['nobody that is registered', { agents: { ids: ['ghost'] } }, 'not_found'],
    ['no units', { count: 0 }, 'invalid_argument'],
    ['fewer keys than units', { count: 2, affinities: ['a'] }, 'invalid_argument'],
    ['a hash of nothing', { algorithm: 'consistent_hash' }, 'invalid_argument'],
  ])('refuses %s', async (_what, request, code) => {
    const fault = await fleet.fault('nexus.routing.assign', JSON.stringify({ agents, ...request }));
    expect(fault.code).toBe(code);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Route } from '@nexus/contracts';
import { type RouteFollower } from '@nexus/routes';
import { eventually } from '@nexus/testing';
import { codeOf, RoutingRig } from './routing/rig.js';

let rig: RoutingRig;
let follower: RouteFollower;
let other: RouteFollower;
const fleet = Array.from({ length: 30 }, (_, n) => `a-${n}`);

const heartbeatMs = 250;
/** What a restored table may take longer than two heartbeats on a busy machine, in milliseconds. */
const marginMs = 1_000;

/** Longer than the time to live of the agents, in milliseconds. */
const downMs = 2_500;

type Row = Omit<Route, 'version'>;
const rows = (table: RouteFollower['table']): Row[] => table.all().map(({ version: _, ...row }) => row);
const tables = () => [follower.table, other.table, ...rig.replicas.map((replica) => rig.tableOf(replica))];
const positions = () => tables().map(({ position }) => JSON.stringify(position));
const agree = () => new Set(positions()).size === 1;

/** Waits until every holder of the table stands at the same point, and expects them to have the same rows. */
async function expectConverged(): Promise<void> {
  await eventually('all stand at one point', agree);
  for (const table of tables()) expect(table.all()).toEqual(follower.table.all());
}

/** Registers an agent and lets it leave, trying until some replica serves it. */
async function comeAndGo(agentId: string): Promise<void> {
  const { token } = await eventually('it is registered', () => rig.register(agentId).catch(() => undefined));
  await eventually('it has left', async () => {
    const outcome = await rig.deregister(agentId, token).then(() => 'left', codeOf);
    return outcome === 'left' || outcome === 'not_found';
  });
}

beforeAll(async () => {
  rig = await RoutingRig.start();
  await rig.addReplica({ heartbeatMs, ttlMs: 1_500 });
  await rig.addReplica({ heartbeatMs, ttlMs: 1_500 });
  follower = await rig.follow();
  other = await rig.follow();
});

afterAll(() => rig.stop());

describe('two routing replicas over one Redis', () => {
  it('number changes without a gap, and all followers end equal', async () => {
    const versions: number[] = [];
    const watch = rig.connection.subscribe('nexus.int.routes.delta', ({ data }) => {
      versions.push((JSON.parse(Buffer.from(data).toString()) as { version: number }).version);
    });
    await rig.connection.flush();
    await Promise.all(fleet.map((agentId) => rig.live(agentId, heartbeatMs, ['fleet'])));
    const extra = await rig.register('extra');
    await rig.deregister('extra', extra.token);
    await expectConverged();
    expect(follower.table.size).toBe(fleet.length);
    watch.unsubscribe();
    const sorted = versions.sort((left, right) => left - right);
    expect(sorted).toEqual(sorted.map((_, index) => (sorted[0] ?? 0) + index));
    expect(sorted.length).toBeGreaterThanOrEqual(fleet.length + 2);
  });
});

describe('a wiped Redis', () => {
  it('is rebuilt from memory within two heartbeats: nobody registers again, nobody is lost', async () => {
    const before = rows(follower.table);
    const epoch = follower.table.position?.epoch;
    const gone: string[] = [];
    const stop = follower.onAgentGone((agentId) => gone.push(agentId));
    rig.missed.length = 0;
    const wipedAt = performance.now();
    await rig.redis.run((redis) => redis.flushall());
    await eventually('a table of a new epoch', () => agree() && follower.table.position?.epoch !== epoch);
    await expectConverged();
    const tookMs = performance.now() - wipedAt;
    expect(rows(follower.table)).toEqual(before);
    const stored = await rig.redis.run((redis) => redis.zcard('{nexus}:routes:ids'));
    expect(stored).toBe(fleet.length);
    expect(tookMs).toBeLessThan(2 * heartbeatMs + marginMs);
    expect(gone).toEqual([]);
    expect(rig.missed).toEqual([]);
    await expect(rig.register('a-1')).rejects.toMatchObject({ code: 'conflict' });
    stop();
  });
});

describe('a Redis that is killed', () => {
  it('costs no agent its place when it comes back after more than their time to live', async () => {
    const gone: string[] = [];
    follower.onAgentGone((agentId) => gone.push(agentId));
    rig.servers.redis.kill('SIGKILL');
    await eventually(
      'a refusal',
      async () => (await rig.register('newcomer').then(() => 'registered', codeOf)) === 'unavailable',
    );
    // What is known is still told, without what only Redis knows.
    expect(await rig.get('a-2')).toMatchObject({ agentId: 'a-2', health: 'alive' });
    await pause(downMs);
    await rig.servers.redis.restart();
    await comeAndGo('newcomer');
    // Past the pause and the grace, when agents that had not been heard again would have been given up.
    await pause(4_000);
    await expectConverged();
    expect(gone.filter((agentId) => agentId !== 'newcomer')).toEqual([]);
    expect(follower.table.size).toBe(fleet.length);
    expect(follower.table.all().every(({ liveness }) => liveness === 'alive')).toBe(true);
  });
});

describe('a NATS server that is killed', () => {
  it('costs no agent its place either', async () => {
    const gone: string[] = [];
    follower.onAgentGone((agentId) => gone.push(agentId));
    rig.servers.nats.kill('SIGKILL');
    await pause(downMs);
    await rig.servers.nats.restart();
    await rig.connection.whenConnected(10_000);
    await comeAndGo('afterwards');
    await expectConverged();
    expect(gone.filter((agentId) => agentId !== 'afterwards')).toEqual([]);
    expect(follower.table.size).toBe(fleet.length);
  });
});

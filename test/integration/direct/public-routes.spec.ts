import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, type PublicRoute } from '@nexus/contracts';
import { loadSnapshotOverNats, publicFeed, RouteFollower } from '@nexus/routes';
import { eventually } from '@nexus/testing';
import { Caller, type Connection, decodeBody, ReplyInbox } from '@nexus/wire';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';

let scene: ScriptedStack | undefined;
let connection: Connection;
let caller: Caller;
let follower: RouteFollower<PublicRoute>;
const told: Record<string, unknown>[] = [];

const silent = () => undefined;
const secret = /tokenHash|meta|registeredAt/;

beforeAll(async () => {
  scene = await startScriptedStack();
  connection = await scene.stack.connect();
  connection.subscribe('nexus.routes.>', ({ data }) => told.push(decodeBody(data)));
  caller = new Caller(connection, new ReplyInbox(connection), 'nexus');
  await scene.fleet.join('early', silent, { groups: ['all'] });
  follower = new RouteFollower({
    ...{ connection, prefix: 'nexus', feed: publicFeed, drops: { malformedInternal: 0 } },
    load: loadSnapshotOverNats(caller, publicFeed),
  });
  await follower.whenReady(5_000);
});

afterAll(async () => {
  follower.stop();
  await scene?.stop();
});

describe('the public form of the route table', () => {
  it('has who was there, and follows who comes and goes', async () => {
    expect(follower.table.get('early')).toMatchObject({ groups: ['all'], liveness: 'alive' });
    const token = await scene!.fleet.join('late', silent, { groups: ['all'], maxConcurrency: 3 });
    await eventually('the newcomer', () => follower.table.get('late')?.maxConcurrency === 3);
    await scene!.fleet.request('nexus.agents.deregister.late', { token });
    await eventually('the farewell', () => follower.table.get('late') === undefined);
  });

  it('is confirmed by beacons of its own', async () => {
    const { epoch } = follower.table.position!;
    await eventually('a beacon', () => told.some((body) => !('change' in body) && body['epoch'] === epoch));
    expect(follower.confirmedAgeMs()).toBeLessThan(60_000);
  });

  it('tells nothing that proves who an agent is', async () => {
    const page = await caller.call(endpoints.routingRoutes, {}, {}, { timeoutMs: 5_000 });
    expect(page.routes.map(({ agentId }) => agentId)).toContain('early');
    expect(JSON.stringify(page)).not.toMatch(secret);
    const changes = told.filter((body) => 'change' in body);
    expect(changes.length).toBeGreaterThan(0);
    expect(JSON.stringify(changes)).not.toMatch(secret);
  });

  it('is handed out a page at a time', async () => {
    const after = endpoints.routingRoutes.request.parse({ after: 'early' });
    const page = await caller.call(endpoints.routingRoutes, {}, after, { timeoutMs: 5_000 });
    expect(page.routes.map(({ agentId }) => agentId)).not.toContain('early');
    expect(page.next).toBeNull();
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NexusError, parse, type Route, routeSchema } from '@nexus/contracts';
import { type RouteSnapshot } from '@nexus/core/route-table';
import { Drops } from '@nexus/platform/nats';
import { RouteFollower, serviceFeed } from '@nexus/routes';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Connection, encodeBody } from '@nexus/wire';

let servers: TestServers;
let connection: Connection;
let follower: RouteFollower;
let loads: number;
let drops: Drops;
let snapshot: () => RouteSnapshot<Route>;

const row = (agentId: string, version: number): Route =>
  parse(
    routeSchema,
    {
      ...{ agentId, groups: [], capabilities: [], weight: 1, liveness: 'alive', version },
      ...{ registeredAt: '2026-01-01T00:00:00.000Z', tokenHash: 'h' },
    },
    'row',
  );
const at = (version: number, ids: readonly string[], epoch = 'e1') => ({
  ...{ epoch, version },
  routes: ids.map((id) => row(id, version)),
});
const joins = (agentId: string, version: number, epoch = 'e1') =>
  connection.publish(
    'nexus.int.routes.delta',
    encodeBody({ epoch, version, change: { kind: 'upsert', route: row(agentId, version) } }),
  );
const beacon = (version: number, epoch = 'e1') =>
  connection.publish('nexus.int.routes.beacon', encodeBody({ epoch, version }));
const ids = () => follower.table.all().map(({ agentId }) => agentId);
const version = () => follower.table.position?.version;
const reaches = (wanted: number) => eventually(`version ${wanted}`, () => version() === wanted);

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  connection = await Connection.open({ servers: servers.natsUrl, name: 'follower' });
});

afterAll(async () => {
  await connection.close();
  await servers.stop();
});

beforeEach(async () => {
  loads = 0;
  drops = new Drops();
  snapshot = () => at(0, ['a']);
  const load = () => {
    loads += 1;
    return Promise.resolve().then(snapshot);
  };
  follower = new RouteFollower({ connection, prefix: 'nexus', feed: serviceFeed, load, drops });
  await follower.whenReady(5_000);
});

afterEach(() => follower.stop());

describe('RouteFollower', () => {
  it('needs no load for deltas that come in the wrong order', async () => {
    joins('c', 2);
    joins('d', 3);
    joins('b', 1);
    await reaches(3);
    expect(ids()).toEqual(['a', 'b', 'c', 'd']);
    expect(loads).toBe(1);
  });

  it('loads the table when a missing delta does not come, tells who is gone, and goes on', async () => {
    const gone: string[] = [];
    follower.onAgentGone((agentId, reason) => gone.push(`${agentId} ${reason}`));
    snapshot = () => at(3, ['b', 'c']);
    joins('c', 3);
    await reaches(3);
    expect(ids()).toEqual(['b', 'c']);
    expect(gone).toEqual(['a gone']);
    joins('d', 4);
    await reaches(4);
    expect(loads).toBe(2);
  });

  it('loads the table when a beacon tells that the last delta was lost', async () => {
    snapshot = () => at(1, ['a', 'b']);
    beacon(1);
    await reaches(1);
    expect(ids()).toEqual(['a', 'b']);
  });

  it('keeps the old table until that of a new epoch is loaded, however often that fails', async () => {
    snapshot = () => {
      if (loads < 4) throw new NexusError('unavailable', 'not yet');
      return at(7, ['z'], 'e2');
    };
    beacon(7, 'e2');
    await eventually('a third load', () => loads >= 3);
    expect(ids()).toEqual(['a']);
    await reaches(7);
    expect(ids()).toEqual(['z']);
  });

  it('says why there is no table yet, for as long as there is none', async () => {
    let fail: Error | undefined = new NexusError('unavailable', 'routing does not answer');
    const load = () => (fail ? Promise.reject(fail) : Promise.resolve(at(0, ['a'])));
    const waiting = new RouteFollower({ connection, prefix: 'nexus', feed: serviceFeed, load, drops });
    try {
      await waiting.reload().catch(() => undefined);
      await expect(waiting.whenReady(0)).rejects.toMatchObject({
        code: 'unavailable',
        message: 'the route table is not loaded yet: routing does not answer',
      });
      fail = undefined;
      await waiting.whenReady(10_000);
    } finally {
      waiting.stop();
    }
  });

  it('is waited for while it lacks a change, and no longer', async () => {
    await follower.whenWhole(10_000);
    // The holder that is asked first lags as well.
    snapshot = () => (loads === 2 ? at(1, ['a', 'b']) : at(3, ['a', 'b', 'c', 'd']));
    joins('d', 3);
    await connection.flush();
    await follower.whenWhole(10_000);
    expect(ids()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('serves what it has when the change that it lacks does not come', async () => {
    snapshot = () => {
      throw new NexusError('unavailable', 'nobody has it');
    };
    joins('d', 3);
    await connection.flush();
    await follower.whenWhole(10_000);
    expect(ids()).toEqual(['a']);
    await follower.whenWhole(10_000);
  });

  it('drops what is malformed', async () => {
    connection.publish('nexus.int.routes.delta', encodeBody({ nonsense: true }));
    connection.publish('nexus.int.routes.beacon', Buffer.from('no JSON'));
    joins('b', 1);
    await reaches(1);
    expect(drops.malformedInternal).toBe(2);
  });
});

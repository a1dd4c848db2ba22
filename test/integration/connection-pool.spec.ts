import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { ConnectionPool, type PoolOptions } from '@nexus/platform/nats';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';

let servers: TestServers | undefined;
let observer: NatsConnection;
const pools: ConnectionPool[] = [];

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  observer = await connect({ servers: servers.natsUrl, name: 'observer' });
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  await observer?.close();
  await servers?.stop();
});

async function start(mode: PoolOptions['mode'], opened: string[] = []): Promise<ConnectionPool> {
  const pool = await ConnectionPool.start({
    connect: { servers: servers!.natsUrl, name: `service-${pools.length}` },
    prefix: 'nexus',
    mode,
    onOpen: (_, of) => opened.push(of),
  });
  pools.push(pool);
  return pool;
}

/** The broker's number of a connection. */
const clientId = async (pool: ConnectionPool, of: Parameters<ConnectionPool['line']>[0]) =>
  (await pool.line(of)).connection.nats.info?.client_id;

describe('ConnectionPool', () => {
  it('opens a connection a class when it is first asked for, and once', async () => {
    const opened: string[] = [];
    const pool = await start('pooled', opened);
    expect(opened).toEqual(['requests']);
    const ids = await Promise.all([
      clientId(pool, 'agents'),
      clientId(pool, 'agents'),
      clientId(pool, 'bulk'),
    ]);
    expect(opened.sort()).toEqual(['agents', 'bulk', 'requests']);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set([...ids, await clientId(pool, 'requests')]).size).toBe(3);
  });

  it('has one for all in single mode', async () => {
    const opened: string[] = [];
    const pool = await start('single', opened);
    expect(await clientId(pool, 'agents')).toBe(await clientId(pool, 'control'));
    expect(opened).toEqual(['requests']);
  });

  it('keeps each class to itself: what waits on one is not before what is sent on another', async () => {
    const pool = await start('pooled');
    const [bulk, control] = [await pool.line('bulk'), await pool.line('control')];
    const heard: string[] = [];
    observer.subscribe('beat', {
      callback: (_, message) => {
        heard.push(message.string());
      },
    });
    await observer.flush();
    servers!.nats.kill('SIGSTOP');
    for (let count = 0; count < 64; count += 1) bulk.connection.publish('load', Buffer.alloc(512 * 1_024));
    control.connection.publish('beat', Buffer.from('alive'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(pool.health().bulk?.outboundBytes).toBeGreaterThan(8 * 1_024 * 1_024);
    expect(pool.health().control).toMatchObject({ connected: true, outboundBytes: 0 });
    servers!.nats.kill('SIGCONT');
    await eventually('the beat', () => heard.length === 1);
    await bulk.connection.whenWritable(0, 20_000);
  });

  it('closes all of them, those that are just being opened too', async () => {
    const pool = await start('pooled');
    const agents = pool.line('agents');
    await pool.close();
    expect((await agents).connection.nats.isClosed()).toBe(true);
    expect(pool.requests.connection.nats.isClosed()).toBe(true);
    expect(pool.connected).toBe(false);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthServer, type HealthServerOptions } from './health-server.js';

const open: HealthServer[] = [];

async function start(checks: HealthServerOptions['checks']): Promise<HealthServer> {
  const health = await HealthServer.start({ port: 0, host: '127.0.0.1', checks });
  open.push(health);
  return health;
}

async function get(health: HealthServer, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${health.port}${path}`);
  return { status: response.status, body: await response.json() };
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((health) => health.close()));
});

describe('HealthServer', () => {
  it('is ready when every check passes', async () => {
    const health = await start({ nats: () => undefined, redis: async () => undefined });
    expect(await get(health, '/health/ready')).toEqual({
      status: 200,
      body: { status: 'up', checks: { nats: { status: 'up' }, redis: { status: 'up' } } },
    });
  });

  it('names each check that fails, and lives on', async () => {
    const health = await start({
      nats: () => undefined,
      redis: () => {
        throw new Error('connection refused');
      },
    });
    expect(await get(health, '/health/ready')).toEqual({
      status: 503,
      body: {
        status: 'down',
        checks: { nats: { status: 'up' }, redis: { status: 'down', message: 'connection refused' } },
      },
    });
    expect((await get(health, '/health/live')).status).toBe(200);
  });

  it('gives up on a check that does not answer, and runs it once for probes at the same time', async () => {
    let runs = 0;
    const health = await start({
      stuck: () => {
        runs += 1;
        return new Promise<void>(() => undefined);
      },
    });
    const answers = await Promise.all([get(health, '/health/ready'), get(health, '/health/ready')]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(answers[0].body).toMatchObject({
      checks: { stuck: { status: 'down', message: 'no answer within 1000 ms' } },
    });
    expect(runs).toBe(1);
  });

  it('is not ready while it drains', async () => {
    const health = await start({ nats: () => undefined });
    health.setReady(false);
    expect(await get(health, '/health/ready')).toMatchObject({ status: 503, body: { status: 'draining' } });
  });

  it('shows the pages that it is given, to whoever reads', async () => {
    const health = await HealthServer.start({
      ...{ port: 0, host: '127.0.0.1', checks: {} },
      pages: { '/metrics': (_request, response) => response.end('up 1') },
    });
    open.push(health);
    const page = `http://127.0.0.1:${health.port}/metrics`;
    expect(await (await fetch(`${page}?name=x`)).text()).toBe('up 1');
    expect((await fetch(page, { method: 'POST' })).status).toBe(405);
    expect((await get(health, '/toString')).status).toBe(404);
  });

  it('answers 404 elsewhere and 405 to other methods', async () => {
    const health = await start({});
    expect((await get(health, '/metrics')).status).toBe(404);
    const post = await fetch(`http://127.0.0.1:${health.port}/health/live`, { method: 'POST' });
    expect(post.status).toBe(405);
  });

  it('closes though a probe waits', async () => {
    const health = await start({ stuck: () => new Promise<void>(() => undefined) });
    const cut = fetch(`http://127.0.0.1:${health.port}/health/ready`).catch(() => 'cut off');
    await fetch(`http://127.0.0.1:${health.port}/health/live`);
    await health.close();
    expect(await cut).toBe('cut off');
  });

  it('says which port is taken', async () => {
    const health = await start({});
    await expect(
      HealthServer.start({ port: health.port, host: '127.0.0.1', checks: {} }),
    ).rejects.toMatchObject({ code: 'unavailable' });
  });
});

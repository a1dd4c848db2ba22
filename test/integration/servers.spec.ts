import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { NexusError } from '@nexus/contracts';
import {
  isAlive,
  type Servers,
  type ServerProcess,
  startServers,
  sweepOrphans,
} from '@nexus/platform/servers';
import { eventually, infraDir, startTestServers } from '@nexus/testing';

const living = async (pids: readonly number[]) => {
  const alive = await Promise.all(pids.map(isAlive));
  return pids.filter((_, index) => alive[index]);
};

function pidOf(server: ServerProcess | undefined): number {
  if (server?.pid === undefined) throw new Error('the server does not run');
  return server.pid;
}

describe('startServers', () => {
  let dataDir = '';
  let log: string[] = [];
  const running: Servers[] = [];

  beforeEach(async () => {
    dataDir = await realpath(await mkdtemp(join(tmpdir(), 'nexus-servers-')));
    log = [];
  });

  afterEach(async () => {
    for (const servers of running.splice(0)) await servers.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async (ports: { nats?: number; redis?: number } = {}) => {
    const servers = await startServers({
      dataDir,
      infraDir: infraDir(),
      ports: { nats: 0, redis: 0, ...ports },
      log: (line) => log.push(line),
    });
    running.push(servers);
    return servers;
  };

  it('serves NATS with JetStream and Redis with its append-only file, on the loopback', async () => {
    const servers = await start();

    const nats = await connect({ servers: servers.nats.url });
    expect(nats.info).toMatchObject({ jetstream: true, max_payload: 1_048_576, host: '127.0.0.1' });
    await nats.close();

    const redis = new Redis(servers.redis.url);
    const config = await redis.config('GET', 'appendonly', 'maxmemory-policy', 'save', 'bind', 'dir');
    redis.disconnect();
    expect(config).toEqual(
      expect.arrayContaining(['yes', 'noeviction', '', '127.0.0.1', join(dataDir, 'redis')]),
    );
  });

  it('keeps the data from one start to the next', async () => {
    const first = await start();
    const writer = new Redis(first.redis.url);
    await writer.set('kept', 'yes');
    writer.disconnect();
    await first.stop();

    const second = await start();
    const reader = new Redis(second.redis.url);
    expect(await reader.get('kept')).toBe('yes');
    reader.disconnect();
  });

  it('leaves no process, pid file or lock when stopped', async () => {
    const servers = await start();
    const pids = [pidOf(servers.nats.process), pidOf(servers.redis.process)];
    await servers.stop();
    expect(await living(pids)).toEqual([]);
    for (const name of ['nats.json', 'redis.json', 'lock.json']) {
      await expect(readFile(join(dataDir, 'run', name))).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  it.each(['nats', 'redis'] as const)('brings %s back on the same port when it was killed', async (kind) => {
    const servers = await start();
    const server = servers[kind].process;
    const before = pidOf(server);
    expect(server?.kill('SIGKILL')).toBe(true);
    await eventually('the server is back', () =>
      log.some((line) => line.includes(`is back on port ${server?.port}`)),
    );
    expect(pidOf(server)).not.toBe(before);

    const nats = await connect({ servers: servers.nats.url });
    await nats.flush();
    await nats.close();
    const redis = new Redis(servers.redis.url);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });

  it.each([
    ['nats', 'nats-server'],
    ['redis', 'redis-server'],
  ] as const)(
    'takes another port for %s and says so when the preferred one is in use',
    async (kind, name) => {
      const occupant = createServer().listen(0, '127.0.0.1');
      await once(occupant, 'listening');
      const address = occupant.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      try {
        const servers = await start({ [kind]: port });
        const chosen = servers[kind].process?.port;
        expect(chosen).not.toBe(port);
        expect(log).toContainEqual(`port ${port} is taken: ${name} uses ${chosen}`);
      } finally {
        occupant.close();
      }
    },
  );

  it('uses the servers that are named, and starts nothing in their stead', async () => {
    const servers = await startServers({
      dataDir,
      infraDir: infraDir(),
      natsUrl: 'nats://broker:4222',
      redisUrl: 'redis://store:6379',
      log: () => undefined,
    });
    expect(servers.nats).toEqual({ url: 'nats://broker:4222' });
    expect(servers.redis).toEqual({ url: 'redis://store:6379' });
    await servers.stop();
  });

  it('refuses a directory that another run holds, naming its pid and NATS url', async () => {
    const servers = await start();
    const refusal = await start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NexusError);
    expect(refusal).toMatchObject({
      code: 'conflict',
      details: [
        { path: 'pid', message: String(process.pid) },
        { path: 'natsUrl', message: servers.nats.url },
      ],
    });
    const nats = await connect({ servers: servers.nats.url });
    await nats.close();
  });

  it('ends what a killed run left behind, and serves the same data', async () => {
    const orphans = await leaveOrphans(dataDir);
    expect(await living(orphans)).toEqual(orphans);
    await start();
    expect(await living(orphans)).toEqual([]);
    expect(log.filter((line) => line.includes('left behind'))).toHaveLength(2);
  });

  it('never ends a process that a pid file names but that is not our server', async () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    const other = await startTestServers({ nats: true });
    try {
      for (const [kind, pid] of [
        ['redis', stranger.pid],
        ['nats', pidOf(other.nats)],
      ] as const) {
        await start().then((servers) => servers.stop());
        await writeFile(
          join(dataDir, 'run', `${kind}.json`),
          JSON.stringify({ pid, birth: '', startedAt: '' }),
        );
        await sweepOrphans(dataDir, (line) => log.push(line));
        expect(await isAlive(pid ?? 0)).toBe(true);
      }
      expect(log.filter((line) => line.includes('left behind'))).toEqual([]);
    } finally {
      stranger.kill('SIGKILL');
      await other.stop();
    }
  });
});

describe('startTestServers', () => {
  it('starts only what is asked for, and restarts it on the same port after a fault', async () => {
    const servers = await startTestServers({ redis: true });
    try {
      expect(() => servers.nats).toThrow('started no nats');
      const { port } = servers.redis;
      servers.redis.kill('SIGKILL');
      await expect(servers.redis.exited).resolves.toMatchObject({ signal: 'SIGKILL' });
      expect(servers.redis.pid).toBeUndefined();
      await servers.redis.restart();
      expect(servers.redis.port).toBe(port);
      const redis = new Redis(servers.redisUrl);
      expect(await redis.ping()).toBe('PONG');
      redis.disconnect();
    } finally {
      await servers.stop();
    }
  });
});

/** Starts both servers from a parent that is then killed as no handler can see; returns the pids of the servers. */
async function leaveOrphans(dataDir: string): Promise<number[]> {
  const parent = spawn(
    process.execPath,
    [join(infraDir(), '..', 'test/integration/testdata/servers-parent.mjs'), dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const pids = await new Promise<number[]>((resolve, reject) => {
      let text = '';
      parent.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.endsWith('\n')) resolve(JSON.parse(text) as number[]);
      });
      parent.once('exit', () => reject(new Error('the parent ended early')));
    });
    return pids;
  } finally {
    parent.kill('SIGKILL');
    await once(parent, 'close');
  }
}

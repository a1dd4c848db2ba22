import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Msg } from '@nats-io/transport-node';
import { NexusClient } from '@nexus/sdk';
import { eventually, OtlpReceiver, startTestServers, type TestServers } from '@nexus/testing';
import { parse } from 'yaml';
import { z } from 'zod';
import { freePort } from '../../libs/platform/servers/ports.js';
import { isHealthy, repository, type ServiceProcess, startProcess } from './support/service-process.js';

// What the containers would run, run: each service of docker-compose.yml as a process of its own, started by the same
// command with the same environment, its hosts' names replaced by addresses of this machine and its volumes by folders.

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      command: z.array(z.string()).optional(),
      build: z.object({ args: z.object({ APP: z.string() }) }).optional(),
      environment: z.record(z.string(), z.string()).optional(),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      volumes: z.array(z.string()).optional(),
    }),
  ),
});

const { services } = composeSchema.parse(
  parse(readFileSync(join(repository, 'docker-compose.yml'), 'utf8'), { merge: true }),
);

/** Of processes that start together on a machine that may have other work. */
const readyTimeoutMs = 90_000;
const replicas = ['consensus-1', 'consensus-2', 'consensus-3'];
const coordinators = ['coordinator-1', 'coordinator-2'];

describe('the services of docker-compose.yml', () => {
  let servers: TestServers;
  let folder: string;
  let collector: OtlpReceiver;
  let client: NexusClient;
  const processes = new Map<string, ServiceProcess>();
  const environments = new Map<string, Readonly<Record<string, string>>>();

  const start = async (name: string): Promise<number> => {
    const { command, environment = {}, build, volumes = [] } = services[name]!;
    const port = await freePort();
    const placed = (value: string) => {
      const volume = volumes.find((mounted) => mounted.endsWith(`:${value}`));
      return volume === undefined ? value : join(folder, volume.split(':')[0]!);
    };
    const env = Object.fromEntries(
      Object.entries(environment).map(([variable, value]) => [
        variable,
        placed(value)
          .replace('nats://nats:4222', servers.natsUrl)
          .replace('redis://redis:6379', servers.redisUrl)
          .replace('http://jaeger:4318', collector.endpoint),
      ]),
    );
    // The recipe's own command when the service has none.
    const args = command?.slice(1) ?? [`dist/apps/${build!.args.APP}/src/main.js`];
    environments.set(name, { ...env, NEXUS_HEALTH_PORT: String(port) });
    processes.set(name, startProcess({ args, env: environments.get(name)! }));
    return port;
  };

  const allReady = (names: readonly string[]) =>
    Promise.all(
      names.map(async (name) => {
        const port = await start(name);
        await eventually(`${name} is ready`, () => isHealthy(port), readyTimeoutMs);
      }),
    );

  /** What the container engine would find: the exit code of the service's own probe. */
  const probe = async (name: string): Promise<number | null> => {
    const [form, , ...args] = services[name]!.healthcheck!.test;
    expect(form).toBe('CMD');
    return (await startProcess({ args, env: environments.get(name)! }).ended).code;
  };

  const readiness = async (name: string): Promise<string> => {
    const response = await fetch(
      `http://127.0.0.1:${environments.get(name)!['NEXUS_HEALTH_PORT']}/health/ready`,
    );
    const { status } = (await response.json()) as { status: string };
    return `${response.status} ${status}`;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nexus-compose-'));
    servers = await startTestServers();
    collector = await OtlpReceiver.start();
    await allReady([...replicas, 'gossip', 'routing', 'intelligence']);
    await allReady(coordinators);
    await start('fleet');
    client = await NexusClient.connect({ servers: servers.natsUrl, userId: 'e2e' });
    await eventually('twelve agents are registered', async () => {
      const { result } = await client
        .gather({ group: 'workers' })
        .catch(() => ({ result: { responses: [] as unknown[] } }));
      return result.responses.length === 12 ? true : undefined;
    });
  }, 300_000);

  afterAll(async () => {
    await client?.close();
    for (const process of processes.values()) await process.end('SIGKILL');
    await collector?.close();
    await servers?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('serves the four goal types', async () => {
    const target = { group: 'workers' };
    const broadcast = await client.broadcast(target, { payload: 'hello', delivery: 'acknowledged' });
    expect(broadcast.result).toMatchObject({ targeted: 12, acknowledged: 12 });
    const gather = await client.gather(target, { aggregate: 'count' });
    expect(gather).toMatchObject({ status: 'complete', result: { aggregate: 12 } });
    const vote = await client.vote(target, {
      proposal: { key: 'hash', options: ['sha256'] },
    });
    expect(vote.result).toMatchObject({ decided: true, value: 'sha256' });
    const { version } = await client.read('hash');
    expect(vote.result.decision).toMatchObject({ version });
    expect(version).toBeGreaterThan(0);
    const requests = ['README.md', 'package.json'].map((path) => ({
      id: path,
      payload: { path, hash: 'sha256' },
    }));
    const work = await client.loadBalance(target, { requests });
    expect(work.result.results?.map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('decides by three replicas, each with a log of its own', async () => {
    const { replicas: seen, silent } = await client.consensusStatus();
    expect(seen.map(({ replicaId }) => String(replicaId)).sort()).toEqual(replicas);
    expect(silent).toEqual([]);
    for (const { members } of seen) expect(members.voters.map(String).sort()).toEqual(replicas);
  });

  it('knows by gossip every one of its services', async () => {
    const nats = await connect({ servers: servers.natsUrl });
    try {
      await eventually('all eight are alive', async () => {
        const reply = await nats.request('nexus.gossip.members', '{"status":"alive"}', { timeout: 5_000 });
        const { members } = reply.json<{ members: { memberId: string }[] }>();
        const wanted = [...replicas, ...coordinators, 'gossip-1', 'intelligence-1', 'routing-1'].sort();
        return members.map(({ memberId }) => memberId).join() === wanted.join();
      });
    } finally {
      await nats.close();
    }
  });

  it('shares requests between the coordinators under their configured names', async () => {
    const seen = new Set<string>();
    await eventually('both coordinators served', async () => {
      const { clock } = await client.gather({ ids: ['agent-01'] });
      for (const incarnation of Object.keys(clock)) seen.add(incarnation.replace(/-[^-]+$/, ''));
      return seen.size === 2 ? true : undefined;
    });
    expect([...seen].sort()).toEqual(['coordinator-1', 'coordinator-2']);
  });

  it('sends the spans of one request, from several processes, as one trace', async () => {
    const { traceId } = await client.gather({ group: 'workers' });
    const spans = await collector.waitForTrace(
      traceId,
      (trace) =>
        trace.filter(({ service }) => service === 'nexus-agent').length === 12 &&
        trace.some(({ service, name }) => service === 'nexus-coordinator' && name.startsWith('process')),
      20_000,
    );
    expect(new Set(spans.map(({ service }) => service))).toEqual(
      new Set(['nexus-coordinator', 'nexus-agent']),
    );
  });

  it('is healthy by the probe of each service', async () => {
    for (const name of processes.keys()) {
      // A container engine repeats one that failed, too: on a busy machine a probe may run out of time.
      await eventually(`the probe of ${name} passes`, async () => (await probe(name)) === 0);
    }
  }, 150_000);

  it('says on SIGTERM that it drains, and still answers what it has', async () => {
    const nats = await connect({ servers: servers.natsUrl });
    try {
      const asked = new Promise<Msg>((resolve) => {
        nats.subscribe('nexus.agent.slow', { callback: (_error, message) => resolve(message) });
      });
      await nats.request('nexus.agents.register.slow', '{}', { timeout: 5_000 });
      const pending = client.gather({ ids: ['slow'] }, { timeoutMs: 60_000 });
      const held = await asked;
      const { from: name } = held.json<{ from: string }>();
      const { child, ended } = processes.get(name)!;
      child.kill('SIGTERM');
      await eventually(`${name} says that it drains`, async () => {
        expect({ name, code: child.exitCode }).toEqual({ name, code: null });
        return (await readiness(name)) === '503 draining';
      });
      expect(await probe(name)).toBe(1);
      held.respond(JSON.stringify({ agentId: 'slow', ok: true, data: 'in the end' }));
      expect((await pending).result.responses).toEqual([{ agentId: 'slow', data: 'in the end' }]);
      expect((await ended).code).toBe(0);
    } finally {
      await nats.close();
    }
  }, 60_000);

  it('ends each process with 0 on SIGTERM, and is unhealthy by its probe then', async () => {
    for (const name of ['fleet', ...coordinators, 'intelligence', 'routing', 'gossip', ...replicas]) {
      const process = processes.get(name)!;
      expect({ name, code: await process.end('SIGTERM') }).toEqual({ name, code: 0 });
      expect({ name, healthy: (await probe(name)) === 0 }).toEqual({ name, healthy: false });
    }
  }, 90_000);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive } from '@nexus/platform/servers';
import { NexusClient } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { type MemberView } from '@nexus/contracts';
import { Connection } from '@nexus/wire';
import { type ServiceProcess, startProcess } from './support/service-process.js';

// The topology of Compose as processes of this machine: whole, hurt, and gone.

const startTimeoutMs = 120_000;
const replicas = ['consensus-1', 'consensus-2', 'consensus-3'];
const services = [...replicas, 'gossip-1', 'routing-1', 'intelligence-1', 'coordinator-1', 'coordinator-2'];
const names = ['nats-server', 'redis-server', ...services];

let dataDir: string;
let up: ServiceProcess;
let client: NexusClient;

const nexus = (...args: string[]) => startProcess({ args: ['scripts/nexus.mjs', ...args], env: {} });

const startUp = async (...fleet: string[]) => {
  up = nexus('up', '--processes', ...fleet, '--data-dir', dataDir);
  const [, natsUrl = ''] = await eventually(
    'the stack is ready',
    () => {
      if (up.child.exitCode !== null) throw new Error(`it ended:\n${up.output()}`);
      return /^nexus ready nats=(\S+) /m.exec(up.output());
    },
    startTimeoutMs,
  );
  client = await NexusClient.connect({ servers: natsUrl, userId: 'e2e' });
};

const fleetAnswers = () =>
  eventually('the fleet answers', async () => {
    const reply = await client.gather({ group: 'workers' }, { timeoutMs: 1_000 }).catch(() => undefined);
    return reply?.result.responses.length === 3;
  });

/** By the lines that tell of a start, the last one of each. */
const pids = (): Map<string, number> =>
  new Map(
    [...up.output().matchAll(/^· (\S+) is (?:ready|back)\b.*\(pid (\d+)\)/gm)].map(([, name = '', pid]) => [
      name,
      Number(pid),
    ]),
  );

const pidOf = (name: string): number => {
  const pid = pids().get(name);
  if (pid === undefined) throw new Error(`no line tells the pid of ${name}:\n${up.output()}`);
  return pid;
};

const livingOf = async (known: Iterable<number>) => {
  const living: number[] = [];
  for (const pid of known) if (await isAlive(pid)) living.push(pid);
  return living;
};

const vote = (key: string) =>
  client.vote({ group: 'workers' }, { proposal: { key, options: ['sha256'] }, timeoutMs: 15_000 });

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'nexus-processes-'));
  // Brings the build up to date before anything of it runs.
  await nexus('--version').ended;
  await startUp('--agents', '3');
  await fleetAnswers();
}, 300_000);

afterAll(async () => {
  await client?.close();
  await up?.end('SIGTERM');
  for (const pid of await livingOf(pids().values())) process.kill(pid, 'SIGKILL');
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
}, 90_000);

describe('nexus up --processes', () => {
  it('tells the process and the log of each service', () => {
    expect([...pids().keys()].sort()).toEqual([...names].sort());
    for (const name of names) {
      const [, log = ''] = new RegExp(`^· ${name} is ready .*, log (.+)$`, 'm').exec(up.output()) ?? [];
      expect(log).toBe(join(dataDir, 'logs', `${name}.log`));
      expect(readFileSync(log, 'utf8')).not.toBe('');
    }
  });

  it('shows the health of its services to this machine alone', async () => {
    const settings = readFileSync(join(dataDir, 'logs', 'routing-1.log'), 'utf8');
    const [, port = ''] = /"NEXUS_HEALTH_PORT":"(\d+)"/.exec(settings) ?? [];
    const { status } = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect(status).toBe(200);
    // Another address of the same machine, which whoever listens on every address has as well.
    await expect(fetch(`http://127.0.0.2:${port}/health/ready`)).rejects.toThrow();
  });

  it('commits what the fleet decides, and is found by the command line', async () => {
    const { result } = await vote('manifest');
    expect(result).toMatchObject({ decided: true, decision: { term: expect.any(Number) } });
    const { code, stdout } = await nexus('status', '--data-dir', dataDir).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Decisions +consensus-\d leads term \d+, 3 of 3 replicas answer$/m);
    expect(stdout.match(/^nexus-consensus /gm)).toHaveLength(3);
    expect(stdout.match(/^nexus-coordinator /gm)).toHaveLength(2);
  }, 60_000);

  it('knows by gossip every one of its services, and each life of it', async () => {
    const [, natsUrl = ''] = /^nexus ready nats=(\S+) /m.exec(up.output()) ?? [];
    const connection = await Connection.open({ servers: natsUrl, name: 'e2e' });
    try {
      const generationOf = async (name: string) => {
        const message = await connection.nats.request('nexus.gossip.members', '{}', { timeout: 5_000 });
        const { members } = message.json<{ members: MemberView[] }>();
        expect(
          members.map(({ memberId }) => String(memberId)).filter((id) => !services.includes(id)),
        ).toEqual([]);
        const member = members.find(({ memberId }) => String(memberId) === name);
        return member?.status === 'alive' ? member.generation : undefined;
      };
      for (const name of services) await eventually(`${name} is alive`, () => generationOf(name));
      const name = 'routing-1';
      const before = await generationOf(name);
      process.kill(pidOf(name), 'SIGKILL');
      await eventually(
        'its next life is known',
        async () => ((await generationOf(name)) ?? 0) > Number(before),
        60_000,
      );
    } finally {
      await connection.close();
    }
  }, 120_000);

  it('starts a killed leader again, which rejoins; what was committed stands', async () => {
    const { leader } = await client.consensusStatus();
    const killed = String(leader);
    const before = await client.read('manifest');
    const pid = pidOf(killed);
    process.kill(pid, 'SIGKILL');
    await eventually(`${killed} is back`, () => pids().get(killed) !== pid, 60_000);
    expect(up.output()).toContain(`${killed} ended unexpectedly (SIGKILL); starting it again`);
    await eventually(
      'all three have the same log',
      async () => {
        const status = await client.consensusStatus().catch(() => undefined);
        const replica = status?.replicas.find(({ replicaId }) => replicaId === killed);
        return (
          status?.silent.length === 0 &&
          replica !== undefined &&
          replica.commitIndex >= before.index &&
          replica.members.voters.length === replicas.length
        );
      },
      60_000,
    );
    expect(await client.read('manifest')).toMatchObject({ value: 'sha256', version: before.version });
    expect((await vote('manifest')).result.decision?.version).toBeGreaterThan(before.version);
  }, 150_000);

  it('leaves no process when it is killed as no handler can see, and starts again on the same log', async () => {
    const known = [...pids().values()];
    const { version } = await client.read('manifest');
    await client.close();
    up.child.kill('SIGKILL');
    await up.ended;
    await eventually('all of them are gone', async () => (await livingOf(known)).length === 0, 60_000);
    await startUp('--no-fleet');
    expect((await client.read('manifest')).version).toBe(version);
  }, 240_000);

  it('ends everything in order on Ctrl-C', async () => {
    const known = [...pids().values()];
    expect(await livingOf(known)).toHaveLength(names.length);
    await client.close();
    expect(await up.end('SIGINT')).toBe(0);
    expect(await livingOf(known)).toEqual([]);
    expect(up.output()).toMatch(/· stopping\n$/);
  }, 90_000);
});

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { Connection } from '@nexus/wire';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { type Fleet, startFleet } from '../../examples/fleet/fleet.js';
import { examplesIn, helpTexts } from './support/help-texts.js';
import { gathersOf, tell } from './support/told-outcomes.js';
import { type Ended, repository, type ServiceProcess, startProcess } from './support/service-process.js';

// Whatever the project shows to be typed is typed here, as it is written: only the broker's address is another one.

const shownUrl = '127.0.0.1:4222';
const interrupted = 130;
/** The examples let a fourth replica in, and out again. */
const members = ['consensus-1', 'consensus-2', 'consensus-3'];
const newcomer = 'consensus-4';

let folder: string;
let servers: TestServers;
let client: NexusClient;
const services: ServiceProcess[] = [];

const here = (text: string) => text.replaceAll(shownUrl, new URL(servers.natsUrl).host);

/** Types a line into a shell that stands in the checkout and knows the `nexus` command. */
const shell = (line: string, input = '') =>
  startProcess({
    command: '/bin/sh',
    args: ['-c', here(line)],
    env: {
      PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
      NEXUS_NATS_URL: servers.natsUrl,
      NEXUS_REDIS_URL: servers.redisUrl,
    },
    input: here(input),
  });

const goesOn = (line: string) => /(--|consensus |gossip )watch\b/.test(line);

/** A line that goes on until Ctrl-C gets it once it has shown something. */
function type(line: string): Promise<Ended> {
  if (!goesOn(line)) return shell(line).ended;
  const { child, ended } = shell(`exec ${line}`);
  for (const stream of [child.stdout, child.stderr]) stream?.once('data', () => child.kill('SIGINT'));
  return ended;
}

const servedBy = (group: string, count: number) =>
  eventually(`a fleet of ${count} that answers`, async () => {
    const reply = await client.gather({ group }, { timeoutMs: 1_000 }).catch(() => undefined);
    return reply?.result.responses.length === count ? true : undefined;
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-examples-'));
  servers = await startTestServers();
  // Brings the build up to date before anything of it runs.
  expect(await shell('node scripts/nexus.mjs --version').ended).toMatchObject({ code: 0 });
  const entry = join(repository, 'dist/apps/cli/src/main.js');
  const command = join(folder, 'nexus');
  await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  await chmod(command, 0o755);
  const env = { NEXUS_NATS_URL: servers.natsUrl, NEXUS_REDIS_URL: servers.redisUrl, NEXUS_LOG_LEVEL: 'warn' };
  const serve = (app: string, more: Readonly<Record<string, string>> = {}) =>
    services.push(startProcess({ args: [`dist/apps/${app}/src/main.js`], env: { ...env, ...more } }));
  for (const replicaId of [...members, newcomer]) {
    serve('consensus', {
      NEXUS_CONSENSUS_REPLICA_ID: replicaId,
      NEXUS_CONSENSUS_REPLICAS: members.join(','),
      NEXUS_CONSENSUS_DATA_DIR: join(folder, 'consensus'),
    });
  }
  serve('routing');
  serve('coordinator');
  serve('gossip');
  serve('intelligence');
  client = await NexusClient.connect({ servers: servers.natsUrl });
}, 300_000);

afterAll(async () => {
  await client.close();
  await Promise.all(services.map((service) => service.end('SIGTERM')));
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe('README.md', () => {
  it('shows a program that runs as it stands', async () => {
    const readme = await readFile(join(repository, 'README.md'), 'utf8');
    const [, snippet = ''] = /```ts\n([^]*?)```/.exec(readme) ?? [];
    const { code, stdout, stderr } = await shell('node --input-type=module -', snippet).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^complete [^]*HELLO/);
  }, 60_000);
});

describe('examples/plain-nats', () => {
  it('joins, answers every goal and leaves in order', async () => {
    const agents = ['plain-1', 'plain-2'].map((id) =>
      shell(`exec node examples/plain-nats/agent.mjs ${id} nats://${shownUrl}`),
    );
    await servedBy('workers', agents.length);
    const request = await shell(`node examples/plain-nats/request.mjs nats://${shownUrl}`).ended;
    expect(request).toMatchObject({ code: 0, stderr: '' });
    expect(request.stdout.match(/^ {2}complete by layer/gm)).toHaveLength(4);
    for (const { child } of agents) child.kill('SIGTERM');
    for (const { ended } of agents) expect(await ended).toMatchObject({ code: 0, stderr: '' });
    await expect(client.agents.get('plain-1')).rejects.toMatchObject({ code: 'not_found' });
  }, 60_000);
});

describe('nexus --help', () => {
  it.each([...helpTexts()])('ends with examples of %s', (_, help) => {
    expect(help).toMatch(/Examples?:\n( {2}.*nexus .*\n)+$/);
  });
});

describe('nexus, on the sample fleet', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet({ count: 4, natsUrl: servers.natsUrl, root: repository });
    await servedBy('workers', fleet.agents.length);
    await eventually('the decision log has a leader, and is asked to grow', async () => {
      const status = await client.consensusStatus().catch(() => undefined);
      return status?.replicas.some(({ newcomers }) => newcomers.map(String).includes(newcomer));
    });
    // The examples show a model, and take it back.
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'e2e' });
    await tell(connection, gathersOf(7, 300)).finally(() => connection.close());
    expect((await shell('nexus models train').ended).stdout).toMatch(/^gather +1 +champion /m);
  }, 90_000);

  afterAll(() => fleet.stop(), 30_000);

  it('does what the examples of its help say', async () => {
    const examples = new Set([...helpTexts().values()].flatMap(examplesIn));
    // Those run by themselves, for longer.
    const lines = [...examples].filter((line) => !/^nexus (up|chaos|simulate)\b/.test(line));
    expect(lines.length).toBeGreaterThan(30);
    const failed: string[] = [];
    for (const line of lines) {
      const { code, stdout, stderr } = await type(line);
      const expected = goesOn(line) ? interrupted : 0;
      // Figures name what was short before.
      const short =
        /\b(partial|undecided|0 of [1-9])/.test(`${stdout}${stderr}`) && !/--value|^nexus metrics/.test(line);
      if (code !== expected || short) failed.push(`${line}\n  exit ${code}\n${stdout}${stderr}`);
    }
    expect(failed).toEqual([]);
  }, 400_000);

  it('answers as README.md says', async () => {
    const readme = await readFile(join(repository, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/^\$ npx (nexus .*)\n([^$`]*)/gm)];
    expect(shown.length).toBeGreaterThan(1);
    for (const [, line = '', output = ''] of shown) {
      const { code } = await type(line);
      const expected = goesOn(line) ? interrupted : 0;
      expect({ line, failed: code !== expected }).toEqual({ line, failed: output.startsWith('error ') });
    }
  }, 120_000);
});

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { type Fleet, startFleet } from '../../examples/fleet/fleet.js';
import { type Ended, repository, type ServiceProcess, startProcess } from './support/service-process.js';

// Whatever the project shows to be typed is typed here, as it is written: only the broker's address is another one.

const shownUrl = '127.0.0.1:4222';
const interrupted = 130;

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

/** A line that goes on until Ctrl-C gets it once it has shown something. */
function type(line: string): Promise<Ended> {
  if (!line.includes('--watch')) return shell(line).ended;
  const { child, ended } = shell(`exec ${line}`);
  child.stdout?.once('data', () => child.kill('SIGINT'));
  return ended;
}

/** Every example in the help of a command and of those below it. */
async function examplesBelow(command: string): Promise<string[]> {
  const { stdout } = await type(`${command} --help`);
  const [, commands = ''] = /\nCommands:\n([^]*?)(\n\n|$)/.exec(stdout) ?? [];
  const names = [...commands.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name = 'help']) => name);
  const below = names.filter((name) => name !== 'help').map((name) => examplesBelow(`${command} ${name}`));
  const [, examples = ''] = /\nExamples?:\n([^]*)$/.exec(stdout) ?? [];
  const lines = examples.split('\n').map((line) => line.trim());
  return [...lines.filter((line) => line !== ''), ...(await Promise.all(below)).flat()];
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
  for (const app of ['routing', 'coordinator']) {
    services.push(startProcess({ args: [`dist/apps/${app}/src/main.js`], env }));
  }
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

describe('nexus, on the sample fleet', () => {
  let fleet: Fleet;

  beforeAll(async () => {
    fleet = await startFleet({ count: 4, natsUrl: servers.natsUrl, root: repository });
    await servedBy('workers', fleet.agents.length);
  }, 60_000);

  afterAll(() => fleet.stop(), 30_000);

  it('does what the examples of its help say', async () => {
    const examples = new Set(await examplesBelow('nexus'));
    const lines = [...examples].filter((line) => !line.startsWith('nexus up'));
    expect(lines.length).toBeGreaterThan(12);
    const failed: string[] = [];
    for (const line of lines) {
      const { code, stdout, stderr } = await type(line);
      const expected = line.includes('--watch') ? interrupted : 0;
      const short =
        /\b(partial|undecided|0 of [1-9])/.test(`${stdout}${stderr}`) && !line.includes('--value');
      if (code !== expected || short) failed.push(`${line}\n  exit ${code}\n${stdout}${stderr}`);
    }
    expect(failed).toEqual([]);
  }, 90_000);

  it('answers as README.md says', async () => {
    const readme = await readFile(join(repository, 'README.md'), 'utf8');
    const lines = [...readme.matchAll(/^\$ npx (nexus .*)$/gm)].flatMap(([, line]) => line ?? []);
    const codes = await Promise.all(lines.map(async (line) => [line, (await type(line)).code]));
    // The last one shows what is refused, and why.
    expect(codes).toEqual([
      ['nexus status', 0],
      [expect.stringContaining('nexus coordinate consensus'), 7],
    ]);
  });
});

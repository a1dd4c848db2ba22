import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { consensusStatusReplySchema, proposeReplySchema, readReplySchema } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { z } from 'zod';
import { freePort } from '../../libs/platform/servers/ports.js';
import { type Ended, isHealthy, type ServiceProcess, startProcess } from './support/service-process.js';

// Three replicas, each a process, and a fourth that asks to join: everything that the command line can do to them.

const members = ['consensus-1', 'consensus-2', 'consensus-3'];
const newcomer = 'consensus-4';

let servers: TestServers;
let folder: string;
const replicas: ServiceProcess[] = [];

const start = (...args: string[]) =>
  startProcess({ args: ['scripts/nexus.mjs', ...args], env: { NEXUS_NATS_URL: servers.natsUrl } });

const log = (...args: string[]) => start('consensus', ...args).ended;

const json = <S extends z.ZodType>(schema: S, { stdout, stderr }: Ended): z.infer<S> => {
  if (stdout === '') throw new Error(stderr);
  return schema.parse(JSON.parse(stdout));
};

const proposed = (ended: Ended) => json(proposeReplySchema, ended);
const readingOf = async (...args: string[]) => json(readReplySchema, await log('read', ...args, '--json'));
const statusOf = async () => json(consensusStatusReplySchema, await log('status', '--json'));

const startReplica = async (replicaId: string): Promise<number> => {
  const port = await freePort();
  const env = {
    NEXUS_NATS_URL: servers.natsUrl,
    NEXUS_HEALTH_PORT: String(port),
    NEXUS_CONSENSUS_REPLICA_ID: replicaId,
    NEXUS_CONSENSUS_REPLICAS: members.join(','),
    NEXUS_CONSENSUS_DATA_DIR: folder,
  };
  replicas.push(startProcess({ args: ['dist/apps/consensus/src/main.js'], env }));
  return port;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-cli-consensus-'));
  servers = await startTestServers({ nats: true });
  // Brings the build up to date before anything of it runs.
  await start('--version').ended;
  const ports = await Promise.all(members.map(startReplica));
  for (const port of ports) await eventually('a replica is ready', () => isHealthy(port), 60_000);
}, 300_000);

afterAll(async () => {
  await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe('nexus consensus', () => {
  it('shows the replicas', async () => {
    const { code, stdout } = await log('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Leader {2}consensus-\d, term \d+\n\nREPLICA +ROLE +MEMBER/);
    expect(stdout.match(/^consensus-\d +follower +voter /gm)).toHaveLength(2);
    expect(stdout.match(/^consensus-\d +leader +voter /gm)).toHaveLength(1);
    expect(await statusOf()).toMatchObject({ leader: expect.stringMatching(/^consensus-\d$/), silent: [] });
    expect((await log('members')).stdout.match(/^consensus-\d +voter +(leader|follower)$/gm)).toHaveLength(3);
  });

  it('puts with the version that was read, and refuses another one with exit code 4', async () => {
    const put = (value: string, ...args: string[]) => log('propose', 'put', 'config.model', value, ...args);
    const first = proposed(await put('{"name":"v1"}', '--expected-version', '0', '--json'));
    expect(await readingOf('config.model')).toMatchObject({ value: { name: 'v1' }, version: first.version });
    const second = await put('"v2"', '--expected-version', String(first.version));
    expect(second.stdout).toMatch(/^committed {2}index \d+, term \d+\nversion +\d+$/m);
    const late = await put('"v3"', '--expected-version', String(first.version));
    expect(late).toMatchObject({ code: 4, stdout: '' });
    expect((await log('propose', 'delete', 'config.model')).code).toBe(0);
    expect((await log('read', 'config.model')).stdout).toMatch(/^value +there is none$/m);
  });

  it('commits a repeat under one request id once', async () => {
    const put = () => log('propose', 'put', 'once', '1', '--request-id', 'cli-put-once', '--json');
    const [first, again] = [proposed(await put()), proposed(await put())];
    expect(again).toEqual(first);
  });

  it('decides for good', async () => {
    const decide = (value: string) => log('propose', 'decide', 'winner', value, '--json');
    expect(proposed(await decide('"red"')).value).toBe('red');
    expect(proposed(await decide('"blue"')).value).toBe('red');
  });

  it('holds a resource for one at a time, and lets through only who still holds it', async () => {
    const lease = (verb: string, owner: string, ...args: string[]) =>
      log('propose', 'lease', verb, 'printer', '--owner', owner, ...args, '--json');
    const { fencingToken = 0 } = proposed(await lease('acquire', 'ann', '--ttl', '5m'));
    expect((await lease('acquire', 'bob')).code).toBe(4);
    expect(proposed(await lease('renew', 'ann', '--ttl', '5m')).fencingToken).toBe(fencingToken);
    expect(await readingOf('--lease', 'printer')).toMatchObject({ owner: 'ann', fencingToken });
    const fenced = () => log('propose', 'put', 'printed', '1', '--fence', `printer=${fencingToken}`);
    expect((await fenced()).code).toBe(0);
    expect((await lease('release', 'ann', '--token', String(fencingToken))).code).toBe(0);
    const next = proposed(await lease('acquire', 'bob', '--ttl', '5m')).fencingToken;
    expect(next).toBeGreaterThan(fencingToken);
    expect((await fenced()).code).toBe(4);
  });

  it('fills an office, and the next in line follows', async () => {
    const stand = (candidate: string) =>
      log('propose', 'campaign', 'editor', '--candidate', candidate, '--ttl', '5m', '--json');
    expect(proposed(await stand('ann')).value).toBe('ann');
    expect(proposed(await stand('bob')).value).toBe('ann');
    expect((await log('read', '--election', 'editor')).stdout).toMatch(/^leader +ann\n[^]*waiting +bob$/m);
    expect((await log('propose', 'resign', 'editor', '--candidate', 'ann')).code).toBe(0);
    expect(await readingOf('--election', 'editor')).toMatchObject({ leader: 'bob', waiting: [] });
  });

  it('reads from one replica: the leader alone, unless what is old will do', async () => {
    const { leader } = await statusOf();
    const follower = members.find((replicaId) => replicaId !== leader) ?? '';
    const read = (replica: string, ...args: string[]) =>
      log('read', 'winner', '--replica', replica, '--json', ...args);
    await eventually('the follower has heard of it', async () => {
      const reading = json(readReplySchema, await read(follower, '--local'));
      return 'key' in reading && reading.value === 'red';
    });
    expect(json(readReplySchema, await read(String(leader)))).toMatchObject({ value: 'red' });
    const refused = await read(follower);
    expect(refused).toMatchObject({ code: 7, stdout: '' });
    expect(refused.stderr).toContain('not_leader');
    expect(await read('consensus-9')).toMatchObject({ code: 7, stdout: '' });
  });

  it.each([
    [['consensus', 'watch'], /^ +\d+ {2}watched = "now", version \d+$/m],
    [['consensus', 'watch', 'watched', '--json'], /"key":"watched","value":"now"/],
  ])('watches with %j until Ctrl-C', async (args, seen) => {
    const { child, ended, output } = start(...args);
    let puts = 0;
    await eventually('it tells of a change', async () => {
      if (puts++ % 10 === 0) await log('propose', 'put', 'watched', '"now"');
      return seen.test(output());
    });
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it.each([
    [['propose', 'put', 'a b', '1'], 'must be 1 to 8 segments'],
    [['propose', 'put', 'a', 'text'], 'the value is not JSON'],
    [['propose', 'put', 'a', '1', '--fence', 'printer'], 'resource=token'],
    [['propose', 'lease', 'acquire', 'a'], "'--owner <id>' not specified"],
    [['propose', 'lease', 'acquire', 'a', '--owner', 'me', '--ttl', '1ms'], 'ttlMs'],
    [['read'], 'name one thing to read'],
    [['read', 'a', '--lease', 'b'], 'name one thing to read'],
    [['members', 'add', 'a.b'], 'A-Z a-z 0-9 _ -'],
    [['propos'], 'Did you mean propose?'],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await log(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('hands leadership to whom it is told to', async () => {
    const { leader, term } = await statusOf();
    const next = members.find((replicaId) => replicaId !== leader) ?? '';
    const { code, stdout } = await log('transfer', '--to', next);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(`^${next} leads, term \\d+\n$`),
    });
    expect((await statusOf()).term).toBeGreaterThan(term);
    const reply = json(z.object({ leader: z.string() }), await log('transfer', '--json'));
    expect(members.filter((replicaId) => replicaId !== next)).toContain(reply.leader);
  });

  it('lets a replica in that asks for it, and out again', async () => {
    await startReplica(newcomer);
    await eventually('it asks', async () =>
      new RegExp(`^${newcomer} +newcomer +joining$`, 'm').test((await log('members')).stdout),
    );
    expect((await log('status')).stdout).toContain(`nexus consensus members add ${newcomer}`);
    expect(await log('members', 'add', newcomer)).toMatchObject({ code: 0 });
    await eventually('it votes', async () =>
      new RegExp(`^${newcomer} +voter +`, 'm').test((await log('members', 'list')).stdout),
    );
    expect(await readingOf('winner', '--local', '--replica', newcomer)).toMatchObject({ value: 'red' });
    const { code, stdout } = await log('members', 'remove', newcomer);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^voters: consensus-1, consensus-2, consensus-3 \(index \d+\)$/m);
  }, 120_000);

  it('refuses to make a member of one who did not ask', async () => {
    const { code, stdout } = await log('members', 'add', 'nobody');
    expect(stdout).toBe('');
    expect(code).toBeGreaterThan(1);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentViewSchema, coordinateReplySchema, errorBodySchema } from '@nexus/contracts';
import { Agent, Connection, NexusClient } from '@nexus/sdk';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { z } from 'zod';
import { type Ended, type ServiceProcess, startProcess } from './support/service-process.js';

const readyTimeoutMs = 60_000;

/** Whoever brings no credentials may do everything; whoever brings wrong ones is refused. */
const natsConfig = `
authorization { users: [{ user: "guest", password: "guest" }, { user: "ann", password: "secret" }] }
no_auth_user: "guest"
`;

let servers: TestServers;
let services: ServiceProcess[] = [];
let connection: Connection;
let agents: Agent[] = [];
let folder: string;

const start = (args: readonly string[], variables: Record<string, string> = {}, input?: string) =>
  startProcess({
    args: ['scripts/nexus.mjs', ...args],
    env: { NEXUS_NATS_URL: servers.natsUrl, ...variables },
    ...(input !== undefined && { input }),
  });

const nexus = (...args: string[]) => start(args).ended;

const nexusWith = (input: string, ...args: string[]) => start(args, {}, input).ended;

const json = <S extends z.ZodType>(schema: S, { stdout }: Ended): z.infer<S> =>
  schema.parse(JSON.parse(stdout));

const statusSchema = z.object({
  nats: z.object({ rttMs: z.number().positive() }),
  services: z.array(z.object({ name: z.string() })),
  decisions: z.object({ leader: z.string(), answering: z.number() }),
  problems: z.array(z.string()),
});
const orderedSchema = z.object({
  result: z.object({
    causal: z.object({ broadcast: z.object({ sequence: z.number() }) }),
    frontiers: z.record(z.string(), z.unknown()),
  }),
});
const listSchema = z.object({ agents: z.array(agentViewSchema), more: z.boolean() });
const doctorSchema = z.object({
  healthy: z.boolean(),
  checks: z.array(z.object({ name: z.string(), verdict: z.string(), remedy: z.string().optional() })),
});
const lineSchema = z.object({
  part: z.object({ responses: z.array(z.unknown()).optional() }).optional(),
  status: z.string().optional(),
});

const startService = (app: string) =>
  startProcess({
    args: [`dist/apps/${app}/src/main.js`],
    env: {
      NEXUS_NATS_URL: servers.natsUrl,
      NEXUS_REDIS_URL: servers.redisUrl,
      NEXUS_CONSENSUS_DATA_DIR: join(folder, 'consensus'),
      NEXUS_LOG_LEVEL: 'warn',
    },
  });

const startAgent = (agentId: string, vote: string) =>
  Agent.start({
    connection,
    agentId,
    groups: ['workers'],
    capabilities: ['double'],
    handlers: {
      broadcast: () => null,
      gather: () => ({ cpu: agentId === 'agent-1' ? 0.25 : 0.75 }),
      vote: () => vote,
      task: ({ payload }) => Number(payload) * 2,
    },
  });

/** Until the coordinator knows every agent. */
async function fleetServes(): Promise<void> {
  const client = await NexusClient.connect({ connection });
  await eventually(
    'the fleet answers',
    async () => {
      const reply = await client.gather({ group: 'workers' }, { timeoutMs: 1_000 }).catch(() => undefined);
      return reply?.result.responses.length === agents.length;
    },
    readyTimeoutMs,
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nexus-cli-'));
  servers = await startTestServers({ nats: true, redis: true, natsConfig });
  // Brings the build up to date before anything of it runs.
  await nexus('--version');
  services = ['consensus', 'routing', 'coordinator'].map(startService);
  connection = await Connection.open({ servers: servers.natsUrl, name: 'cli test' });
  agents = await Promise.all([
    ...[startAgent('agent-1', 'red'), startAgent('agent-2', 'red'), startAgent('agent-3', 'blue')],
  ]);
  await fleetServes();
}, 300_000);

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  await connection.close();
  await Promise.all(services.map((service) => service.end('SIGTERM')));
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe('nexus --help', () => {
  it.each([
    [[]],
    [['coordinate', 'gather']],
    [['consensus', 'propose', 'lease', 'acquire']],
    [['chaos', 'consensus']],
    [['chaos', 'membership']],
    [['chaos', 'work']],
  ])('ends with an example for %j', async (command) => {
    const { code, stdout } = await nexus(...command, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples?:\n( {2}.*nexus .*\n)+$/);
  });

  it('shows for agents what its list takes', async () => {
    const { stdout } = await nexus('agents', '--help');
    expect(stdout).toContain('--group <group>');
    expect(stdout).toMatch(/^ {2}list \[options\] {2}/m);
    expect(stdout).toMatch(/^ {2}get \[options\] <id> {2}/m);
  });

  it('documents the exit codes', async () => {
    expect((await nexus('--help')).stdout).toContain('8  deadline_exceeded');
  });

  it('suggests the nearest of what it does not know, with exit code 2', async () => {
    const [command, option] = await Promise.all([nexus('statsu'), nexus('status', '--jsn')]);
    expect(command).toMatchObject({ code: 2, stdout: '' });
    expect(command.stderr).toContain('Did you mean status?');
    expect(option.stderr).toContain('Did you mean --json?');
  });
});

describe('nexus status', () => {
  it('shows services, agents and broker without colour codes when piped', async () => {
    const { code, stdout } = await start(['status'], { CI: 'true' }).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/nexus-consensus .*\n.*nexus-coordinator .*\n.*nexus-routing /);
    expect(stdout).toMatch(/^Decisions +consensus-1 leads term \d+, 1 of 1 replicas answer$/m);
    expect(stdout).toContain('3: 3 alive, 0 suspected');
    expect(stdout).not.toContain('\u001b');
  });

  it('prints the same for programs', async () => {
    const report = json(statusSchema, await nexus('status', '--json'));
    expect(report.services.map(({ name }) => name)).toEqual([
      ...['nexus-consensus', 'nexus-coordinator', 'nexus-routing'],
    ]);
    expect(report.decisions).toMatchObject({ leader: 'consensus-1', answering: 1 });
    expect(report.nats.rttMs).toBeGreaterThan(0);
    expect(report.problems).toEqual([]);
  });

  it('watches until Ctrl-C and then ends with 130', async () => {
    const { child, ended } = start(['status', '--watch', '--json']);
    child.stdout?.once('data', () => child.kill('SIGINT'));
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toHaveProperty('services');
  });

  it('says what to do when no server is there, with exit code 7', async () => {
    const { code, stdout, stderr } = await nexus('status', '--nats', '127.0.0.1:9');
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toMatch(/^error unavailable: no NATS server at nats:\/\/127\.0\.0\.1:9/);
    expect(stderr).toContain('nexus up');
  });

  it('logs in with what the environment says, and exits with 5 where the server refuses it', async () => {
    const as = (password: string) =>
      start(['status', '--json'], { NEXUS_NATS_USER: 'ann', NEXUS_NATS_PASSWORD: password }).ended;
    const [known, refused] = await Promise.all([as('secret'), as('guess')]);
    expect(known.code).toBe(0);
    expect(refused).toMatchObject({ code: 5 });
    expect(`${refused.stdout}${refused.stderr}`).toContain(
      `the NATS server at ${servers.natsUrl} refuses: Authorization Violation`,
    );
    expect(`${refused.stdout}${refused.stderr}`).toContain('NEXUS_NATS_PASSWORD');
  });

  it('exits with 7 where a broker serves no Nexus', async () => {
    const { code, stdout } = await nexus('status', '--prefix', 'nobody', '--json');
    expect(code).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ services: [], agents: null });
    expect(stdout).toContain('no coordinator answers');
  });
});

describe('nexus agents', () => {
  it('lists them as a table', async () => {
    const { code, stdout } = await nexus('agents', '--group', 'workers');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(4);
    expect(stdout).toMatch(/^ID +HEALTH +GROUPS/);
    expect(stdout).toMatch(/^agent-1 +alive +workers +double/m);
  });

  it('follows cursors up to the limit and says that there are more', async () => {
    const [some, all] = await Promise.all([
      nexus('agents', 'list', '--limit', '2', '--json'),
      nexus('agents', 'list', '--all', '--json'),
    ]);
    expect(json(listSchema, some)).toMatchObject({ more: true });
    expect(json(listSchema, some).agents).toHaveLength(2);
    expect(json(listSchema, all)).toMatchObject({ more: false });
    expect(json(listSchema, all).agents).toHaveLength(3);
  });

  it('refuses a verb that it does not know', async () => {
    const { code, stderr } = await nexus('agents', 'remove');
    expect(code).toBe(2);
    expect(stderr).toContain('agents knows list and get <id>');
  });

  it('shows one, and exits with 3 for one that is not there', async () => {
    const [one, none] = await Promise.all([
      nexus('agents', 'get', 'agent-2'),
      nexus('agents', 'get', 'nobody'),
    ]);
    expect(one.stdout).toMatch(/^id +agent-2$/m);
    expect(none).toMatchObject({ code: 3, stdout: '' });
    expect(none.stderr).toContain('error not_found');
  });
});

describe('nexus coordinate', () => {
  it('broadcasts', async () => {
    const { code, stdout } = await nexus(
      ...['coordinate', 'broadcast', '--group', 'workers', '--payload', '{"job":1}', '--acknowledged'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/status +broadcast complete\ndelivered +3 of 3, 3 acknowledged\n/);
    expect(stdout).toMatch(/trace +[0-9a-f]{32}/);
  });

  it('orders broadcasts, one after what another had seen', async () => {
    const ordered = (...more: string[]) =>
      nexus(...['coordinate', 'broadcast', '--group', 'workers', '--ordering', 'causal'], ...more);
    const first = json(orderedSchema, await ordered('--payload', '1', '--json'));
    const after = JSON.stringify(first.result.frontiers);
    const second = await ordered('--payload', '2', '--key', 'config.rate', '--after', after, '--json');
    const [sequence, next] = [first, json(orderedSchema, second)].map(
      ({ result }) => result.causal.broadcast.sequence,
    );
    expect(next).toBe((sequence ?? 0) + 1);
    expect((await ordered('--payload', '3')).stdout).toMatch(/^order +group\.workers \d+ of coordinator-/m);
    const wrong = await ordered('--after', '{"workers":1}');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('goal.after');
  });

  it('gathers for people', async () => {
    const { code, stdout } = await nexus(
      ...['coordinate', 'gather', '--ids', 'agent-1,agent-2', '--aggregate', 'mean', '--field', '/cpu'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/aggregate +0.5 of 2 values/);
    expect(stdout).toMatch(/^agent-1 +\{"cpu":0.25\}$/m);
  });

  it('gathers for programs, with the payload from standard input', async () => {
    const reply = json(
      coordinateReplySchema,
      await nexusWith('{"ask":"load"}', 'coordinate', 'gather', '--all', '--payload', '-', '--json'),
    );
    expect(reply).toMatchObject({ type: 'gather', status: 'complete' });
  });

  it('streams a JSON line a part, then the reply', async () => {
    const { stdout } = await nexus('coordinate', 'gather', '--all', '--stream', '--json');
    const lines = stdout.trimEnd().split('\n');
    const parsed = lines.map((line) => lineSchema.parse(JSON.parse(line)));
    expect(parsed.at(-1)?.status).toBe('complete');
    expect(parsed.slice(0, -1).flatMap(({ part }) => part?.responses ?? [])).toHaveLength(3);
  });

  it('shows people each answer of a stream once', async () => {
    const { stdout } = await nexus('coordinate', 'gather', '--all', '--stream');
    expect(stdout.match(/agent-1/g)).toHaveLength(1);
    expect(stdout).toMatch(/✔ agent-1 [^]*\n\nstatus +gather complete\n/);
  });

  it('says why an aggregate of objects is empty', async () => {
    const { code, stderr } = await nexus('coordinate', 'gather', '--all', '--aggregate', 'mean');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^0 of 3 answers had .* add --field/);
  });

  it('lets the fleet decide, and tells where the decision stands', async () => {
    const vote = [
      'coordinate',
      'consensus',
      '--all',
      '--key',
      'colour',
      '--option',
      'red',
      '--option',
      'blue',
    ];
    const committed = await nexus(...vote);
    expect(committed.code).toBe(0);
    expect(committed.stdout).toMatch(/outcome +"red"/);
    expect(committed.stdout).toMatch(/^red +2$/m);
    const [, version] = /^decision +index \d+, term \d+, version (\d+)$/m.exec(committed.stdout) ?? [];
    const counted = await nexus(...vote, '--no-commit');
    expect(counted).toMatchObject({ code: 0, stdout: expect.not.stringContaining('decision') });
    const read = await nexus('consensus', 'read', 'colour');
    expect(read.stdout).toMatch(new RegExp(`^value +"red"\nversion +${version}$`, 'm'));
  });

  it('keeps other exclusive requests off the agents', async () => {
    expect((await nexus('coordinate', 'gather', '--all', '--exclusive')).code).toBe(0);
  });

  it('shares work out, from options and from lines', async () => {
    const lines = '{"id":"b","payload":2}\n{"id":"c","payload":3}\n';
    const ended = await nexusWith(
      lines,
      ...[
        'coordinate',
        'load-balance',
        '--capability',
        'double',
        '--request',
        'a=1',
        '--requests',
        '-',
        '--json',
      ],
    );
    const reply = json(coordinateReplySchema, ended);
    const results = reply.type === 'load_balance' ? (reply.result.results ?? []) : [];
    expect(Object.fromEntries(results.map(({ requestId, data }) => [requestId, data]))).toEqual({
      ...{ a: 2, b: 4, c: 6 },
    });
  });

  it('only assigns on demand, from a file', async () => {
    const path = join(folder, 'work.json');
    await writeFile(path, JSON.stringify([{ id: 'x' }, { id: 'y' }]));
    const { code, stdout } = await nexus(
      ...['coordinate', 'load-balance', '--all', '--requests', `@${path}`, '--assign-only'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/assigned +2/);
  });

  it('notes an incomplete outcome, and makes it an error on demand', async () => {
    const gather = ['coordinate', 'gather', '--ids', 'agent-1,ghost', '--timeout', '500ms'];
    const [noted, required] = await Promise.all([nexus(...gather), nexus(...gather, '--require-complete')]);
    expect(noted).toMatchObject({ code: 0 });
    expect(noted.stderr).toContain('partial');
    expect(noted.stdout).toContain('ghost');
    expect(required.code).toBe(11);
  });

  it('exits with 10 when the coordination failed', async () => {
    const ended = await nexus(
      ...['coordinate', 'gather', '--ids', 'agent-1,ghost', '--min-responses', '2', '--timeout', '500ms'],
    );
    expect(ended.code).toBe(10);
    expect(ended.stdout).toContain('gather failed');
  });

  it('gives a repeated request id its first outcome, and refuses it for another request', async () => {
    const gather = (...more: string[]) =>
      nexus('coordinate', 'gather', '--all', '--request-id', 'cli-once', '--json', ...more);
    const first = json(coordinateReplySchema, await gather());
    const [again, other] = await Promise.all([gather(), gather('--payload', '1')]);
    expect(json(coordinateReplySchema, again).coordinationId).toBe(first.coordinationId);
    expect(other).toMatchObject({ code: 4, stdout: '' });
    expect(errorBodySchema.parse(JSON.parse(other.stderr)).error.code).toBe('conflict');
  });

  it.each([
    ['no agents', [], 'name the agents in one way'],
    ['two ways to name agents', ['--all', '--group', 'workers'], 'name the agents in one way'],
    ['a hostile id', ['--ids', 'a.b'], 'agents.ids.0: must be 1 to 64'],
    ['a payload that is no JSON', ['--all', '--payload', 'hello'], '--payload is not JSON'],
    ['a file that is not there', ['--all', '--payload', '@/nowhere'], 'cannot be read'],
    ['an option given twice', ['--group', 'a', '--group', 'b'], "'--group <group>' is given twice"],
    ['a prefix that is no token', ['--all', '--prefix', 'a b'], 'A-Z a-z 0-9 _ -'],
    ['a field that is no pointer', ['--all', '--field', 'cpu'], 'goal.field: must be a JSON Pointer'],
    ['a time-out that is none', ['--all', '--timeout', 'soon'], '5s, 250ms'],
  ])('refuses %s with exit code 2', async (_, args, message) => {
    const { code, stdout, stderr } = await nexus('coordinate', 'gather', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('exits with 9 for a payload over the limit', async () => {
    const path = join(folder, 'large.json');
    await writeFile(path, JSON.stringify('x'.repeat(300 * 1024)));
    const { code } = await nexus('coordinate', 'gather', '--all', '--payload', `@${path}`);
    expect(code).toBe(9);
  });
});

describe('nexus doctor', () => {
  it('finds nothing wrong where all runs', async () => {
    const { code, stdout } = await start(['doctor'], { NEXUS_REDIS_URL: servers.redisUrl }).ended;
    expect(stdout).toMatch(/^ok {4}services +nexus-consensus, nexus-coordinator, nexus-routing$/m);
    expect(stdout).toMatch(/^ok {4}decisions +consensus-1 leads term \d+, 1 voter/m);
    expect(stdout).toMatch(/^ok {4}redis +redis:/m);
    expect(stdout).toContain('0 failures');
    expect(code).toBe(0);
  });

  it('exits with 1 when a named server does not answer, and says what to do', async () => {
    const ended = await nexus('doctor', '--nats', 'nats://127.0.0.1:9', '--json');
    expect(ended.code).toBe(1);
    const report = json(doctorSchema, ended);
    expect(report.healthy).toBe(false);
    expect(report.checks.find(({ name }) => name === 'nats')).toMatchObject({
      verdict: 'fail',
      remedy: expect.stringContaining('--nats'),
    });
  });
});

describe('nexus up', () => {
  it('passes arguments, output, signals and the exit code of the stack on', async () => {
    const up = start(['up', '--no-fleet', '--data-dir', join(folder, 'data')], {
      ...{ NEXUS_REDIS_URL: servers.redisUrl, NEXUS_PREFIX: 'up' },
    });
    await eventually('the stack is ready', () => up.output().includes('nexus ready'), readyTimeoutMs);
    up.child.kill('SIGTERM');
    const { code, stdout } = await up.ended;
    expect(stdout).toContain(`nexus ready nats=${servers.natsUrl} redis=${servers.redisUrl}`);
    expect(code).toBe(0);
  }, 90_000);

  it('refuses wrong arguments before anything starts', async () => {
    expect(await nexus('up', '--agents', 'many')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('without a decision log', () => {
  beforeAll(async () => {
    const [log] = services.splice(0, 1);
    expect(await log?.end('SIGTERM')).toBe(0);
  }, 60_000);

  it('says what is missing, and what can be done without', async () => {
    const vote = ['coordinate', 'consensus', '--all', '--key', 'k', '--option', 'red'];
    const [status, proposal, committed, counted] = await Promise.all([
      nexus('status'),
      nexus('consensus', 'propose', 'put', 'a', '1', '--timeout', '2s'),
      nexus(...vote),
      nexus(...vote, '--no-commit'),
    ]);
    expect(status).toMatchObject({ code: 7, stdout: expect.stringContaining('no consensus answers') });
    expect(proposal).toMatchObject({ code: 7, stdout: '' });
    expect(committed).toMatchObject({ code: 7, stderr: expect.stringContaining('--no-commit') });
    expect(counted.code).toBe(0);
  }, 60_000);
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gossipMembersReplySchema, gossipPutReplySchema, gossipStateReplySchema } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { z } from 'zod';
import { type Ended, type ServiceProcess, startProcess } from './support/service-process.js';

// Four services, each a process, that know each other by gossip: what the command line shows and changes of it.

const settleMs = 60_000;
const startedAlone = ['gossip-1', 'gossip-2', 'routing-1'];
const newcomer = 'routing-2';

let servers: TestServers;
const services = new Map<string, ServiceProcess>();

const start = (...args: string[]) =>
  startProcess({ args: ['scripts/nexus.mjs', ...args], env: { NEXUS_NATS_URL: servers.natsUrl } });

const nexus = (...args: string[]) => start(...args).ended;

const json = <S extends z.ZodType>(schema: S, { stdout, stderr }: Ended): z.infer<S> => {
  if (stdout === '') throw new Error(stderr);
  return schema.parse(JSON.parse(stdout));
};

const membersSchema = gossipMembersReplySchema.omit({ cursor: true });
const stateSchema = gossipStateReplySchema.omit({ cursor: true });
const eventSchema = z.object({ kind: z.string(), body: z.object({ memberId: z.string() }).loose() });
const doctorSchema = z.object({
  checks: z.array(z.object({ name: z.string(), verdict: z.string(), message: z.string() })),
});

const startService = (nodeId: string) =>
  services.set(
    nodeId,
    startProcess({
      args: [`dist/apps/${nodeId.split('-')[0] ?? ''}/src/main.js`],
      env: {
        NEXUS_NATS_URL: servers.natsUrl,
        NEXUS_REDIS_URL: servers.redisUrl,
        NEXUS_NODE_ID: nodeId,
        NEXUS_LOG_LEVEL: 'warn',
        NEXUS_GOSSIP_ROUND_MS: '200',
      },
    }),
  );

const stateOf = async () => json(stateSchema, await nexus('gossip', 'state', '--json'));

const converged = (members: number) =>
  eventually(
    `${members} members that know the same`,
    async () => {
      const state = await stateOf().catch(() => undefined);
      return state?.converged && Object.keys(state.versions).length === members ? state : undefined;
    },
    settleMs,
  );

beforeAll(async () => {
  servers = await startTestServers();
  // Brings the build up to date before anything of it runs.
  await nexus('--version');
  for (const nodeId of startedAlone) startService(nodeId);
  await converged(startedAlone.length);
}, 300_000);

afterAll(async () => {
  await Promise.all([...services.values()].map((service) => service.end('SIGTERM')));
  await servers.stop();
}, 60_000);

describe('nexus members', () => {
  it('shows a line a member, without colour codes when piped', async () => {
    const { code, stdout } = await nexus('members');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^MEMBER +KIND +STATUS +PHI +SILENT +AGE +VERSION +CPU +MEMORY +LAG +ROUND TRIP$/m,
    );
    expect(stdout.match(/^gossip-\d +gossip +alive /gm)).toHaveLength(2);
    expect(stdout.match(/^routing-1 +routing +alive /gm)).toHaveLength(1);
    expect(stdout).not.toContain('\u001b');
  });

  it('filters, and prints JSON for programs', async () => {
    const { members } = json(membersSchema, await nexus('members', '--kind', 'service', '--json'));
    expect(members.map(({ memberId }) => memberId)).toEqual(startedAlone);
    const none = await nexus('members', '--status', 'dead');
    expect(none).toMatchObject({ code: 0, stdout: '' });
    expect(none.stderr).toContain('no member matches');
    expect(await nexus('members', '--kind', 'robot')).toMatchObject({ code: 2, stdout: '' });
  });

  it('watches until Ctrl-C and then ends with 130', async () => {
    const { child, ended } = start('members', '--watch', '--json');
    child.stdout?.once('data', () => child.kill('SIGINT'));
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toHaveProperty('members');
  });
});

describe('nexus gossip', () => {
  it('shares a value with everybody, and removes it', async () => {
    const put = await nexus('gossip', 'put', 'config.rate', '50', '--urgent');
    expect(put).toMatchObject({ code: 0 });
    expect(put.stdout).toMatch(/^config\.rate +50 +gossip-\d /m);
    await converged(startedAlone.length);
    const { stdout } = await nexus('gossip', 'state', '--key-prefix', 'config');
    expect(stdout).toMatch(/^seen by {4}gossip-\d\nconverged {2}yes, 3 members\n\nKEY /);
    expect((await stateOf()).keys).toMatchObject([{ key: 'config.rate', values: [{ value: 50 }] }]);
    expect((await nexus('gossip', 'delete', 'config.rate')).stdout).toMatch(
      /^config\.rate is removed; gossip-\d /,
    );
    await eventually('it is removed everywhere', async () => (await stateOf()).keys.length === 0, settleMs);
  });

  it('shows values that know nothing of each other side by side, and says how to settle it', async () => {
    const reply = (ended: Ended) => json(gossipPutReplySchema, ended);
    await nexus('gossip', 'put', 'model', '"v1"');
    await converged(startedAlone.length);
    const rival = await nexus('gossip', 'put', 'model', '"v2"', '--clock', '{}');
    expect(rival.stdout).toMatch(/^model \(conflict\) /m);
    const [, clock = ''] = /--clock '(.+)'/.exec(rival.stderr) ?? [];
    const settled = reply(await nexus('gossip', 'put', 'model', '"v3"', '--clock', clock, '--json'));
    expect(settled).toMatchObject({ conflict: false, values: [{ value: 'v3' }] });
    expect((await nexus('gossip', 'delete', 'model')).code).toBe(0);
  });

  it.each([
    [['put', 'config.rate', 'fifty'], 'a text is written \'"text"\''],
    [['put', '.rate', '1'], 'key'],
    [['put', 'config.rate', '1', '--clock', '[1]'], 'clock'],
    [['delete', 'config.rate', '--clock', '{"gossip-1":"x"}'], 'clock'],
  ])('refuses %j with exit code 2', async (args, told) => {
    const { code, stdout, stderr } = await nexus('gossip', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
  });

  it('tells who comes and goes while it is watched', async () => {
    const watch = start('gossip', 'watch', '--json');
    await eventually('it watches', () => watch.output().includes('watching'), settleMs);
    startService(newcomer);
    const told = (kind: string) => () =>
      watch
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => eventSchema.parse(JSON.parse(line)))
        .some((event) => event.kind === kind && event.body.memberId === newcomer);
    await eventually('it joined', told('member.joined'), settleMs);
    // It says goodbye to those whom it knows.
    await converged(startedAlone.length + 1);
    await services.get(newcomer)?.end('SIGTERM');
    await eventually('it left', told('member.left'), settleMs);
    watch.child.kill('SIGINT');
    expect((await watch.ended).code).toBe(130);
    const { members } = json(membersSchema, await nexus('members', '--status', 'left', '--json'));
    expect(members.map(({ memberId }) => memberId)).toEqual([newcomer]);
  });

  it('is part of what status and doctor tell', async () => {
    await converged(startedAlone.length);
    const status = await nexus('status');
    expect(status.stdout).toMatch(/^Members {4}3: 3 services, 0 agents; converged: yes, 3 members$/m);
    const { checks } = json(doctorSchema, await nexus('doctor', '--json'));
    expect(checks.find(({ name }) => name === 'mesh')).toMatchObject({ verdict: 'ok' });
  });

  it('says what to do when no gossip service answers, with exit code 7', async () => {
    const { code, stdout, stderr } = await nexus('members', '--prefix', 'nobody');
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toMatch(/^error unavailable: /);
    expect(stderr).toContain('start a gossip service, or the whole stack with nexus up');
  });
});

describe('nexus simulate gossip', () => {
  it('plays the same under the same seed, and has a help of its own', async () => {
    const simulate = () => nexus('simulate', 'gossip', '--nodes', '10', '--seed', '7', '--json');
    const [first, again] = [await simulate(), await simulate()];
    expect(first.code).toBe(0);
    expect(again.stdout).toBe(first.stdout);
    expect((await nexus('simulate', 'gossip', '--help')).stdout).toContain('--loss');
  });
});

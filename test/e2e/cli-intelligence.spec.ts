import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { explainReplySchema, modelsReplySchema, predictReplySchema } from '@nexus/contracts';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Connection } from '@nexus/wire';
import { z } from 'zod';
import { type Ended, type ServiceProcess, startProcess } from './support/service-process.js';
import { gathersOf, tell } from './support/told-outcomes.js';

// The intelligence service as a process, told of gathers that follow a known rule: what the command line shows of it.

const startTimeoutMs = 60_000;
const told = 600;

let servers: TestServers;
const services: ServiceProcess[] = [];
let connection: Connection;

const nexus = (args: readonly string[], input = '') =>
  startProcess({
    args: ['scripts/nexus.mjs', ...args],
    env: { NEXUS_NATS_URL: servers.natsUrl },
    input,
  }).ended;

const json = <S extends z.ZodType>(schema: S, { stdout, stderr }: Ended): z.infer<S> => {
  if (stdout === '') throw new Error(stderr);
  return schema.parse(JSON.parse(stdout));
};

const doctorSchema = z.object({
  checks: z.array(z.object({ name: z.string(), verdict: z.string(), message: z.string() })),
});

beforeAll(async () => {
  servers = await startTestServers();
  // Brings the build up to date before anything of it runs.
  await nexus(['--version']);
  const { natsUrl, redisUrl } = servers;
  const env = { NEXUS_NATS_URL: natsUrl, NEXUS_REDIS_URL: redisUrl, NEXUS_LOG_LEVEL: 'warn' };
  for (const app of ['intelligence', 'routing']) {
    services.push(startProcess({ args: [`dist/apps/${app}/src/main.js`], env }));
  }
  connection = await Connection.open({ servers: servers.natsUrl, name: 'e2e' });
  await eventually('it serves', async () => (await nexus(['models', '--json'])).code === 0, startTimeoutMs);
}, 300_000);

afterAll(async () => {
  await connection?.close();
  for (const service of services) expect(await service.end('SIGTERM')).toBe(0);
  await servers.stop();
}, 60_000);

describe('without a model', () => {
  it('says so', async () => {
    const models = await nexus(['models']);
    expect(models).toMatchObject({ code: 0 });
    expect(models.stdout).toContain('no model was trained yet: the layer below serves');
    const predicted = json(predictReplySchema, await nexus(['predict', 'gather', '--agents', '5', '--json']));
    expect(predicted).toMatchObject({ reason: 'no_model', recommended: 'performance_optimized' });
    expect(predicted.features.agents).toBe(5);
    expect(predicted.assumed).not.toContain('agents');
  });

  it('finds nothing anomalous, and nothing to dismiss', async () => {
    expect((await nexus(['anomalies'])).stdout).toContain('nothing is held against');
    const { code, stdout } = await nexus(['anomalies', 'dismiss', '--agent', 'a', '--quiet', '1h']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'a: nothing was held against it, nor will be for 1 h 0 min\n',
    });
  });

  it('places by consistent hashing where agents are', async () => {
    for (const at of [1, 2, 3]) {
      const body = JSON.stringify({ node: `rack-${at}` });
      await connection.nats.request(`nexus.agents.register.agent-${at}`, body, { timeout: 5_000 });
    }
    const place = ['place', 'shard-7', '--count', '4', '--nodes', 'rack-1,rack-2'];
    const stdout = await eventually('it knows the agents', async () => {
      const ended = await nexus(place);
      return /^rack-2 /m.test(ended.stdout) && ended.stdout;
    });
    expect(stdout).toMatch(/^by +consistent hashing with bounded loads$/m);
    expect(stdout).toMatch(/^rack-[12] +2 +50\.0 % /m);
    expect((await nexus(place)).stdout).toBe(stdout);
  });
});

describe('after a training', () => {
  beforeAll(async () => {
    await tell(connection, gathersOf(7, told));
    const { code, stdout, stderr } = await nexus(['models', 'train']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^trained after [^]*^gather +1 +champion /m);
  }, 90_000);

  it('shows each version, and what it says', async () => {
    const { code, stdout } = await nexus(['models', '--type', 'gather', '--rules']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^gather +1 +champion +.* ago +\d+ +\+0\.\d+ /m);
    expect(stdout).toMatch(/^ {2}.*agents > \d.* → hierarchical \(/m);
    expect(stdout).not.toContain('\u001b');
    const { history, models } = json(modelsReplySchema, await nexus(['models', '--json']));
    expect(history.outcomes).toBe(told);
    expect(models.map(({ type }) => type)).toEqual(['gather']);
  });

  it('recommends what is better in the situation, and says how sure it is', async () => {
    const predict = async (agents: number) =>
      json(predictReplySchema, await nexus(['predict', 'gather', '--agents', String(agents), '--json']));
    expect(await predict(180)).toMatchObject({ reason: 'chosen', recommended: 'hierarchical' });
    expect(await predict(20)).toMatchObject({ recommended: 'performance_optimized' });
    const { stdout } = await nexus(['predict', 'gather', '--features', '{"agents":180}']);
    expect(stdout).toMatch(/^recommends hierarchical \(chosen by the model\)$/m);
    expect(stdout).toMatch(/^confidence \d+\.\d %$/m);
    expect(stdout).toMatch(/^assumed +diversity, complexity, /m);
    expect(stdout).toMatch(/^hierarchical +\d+ +\d.* ms to .* recommended$/m);
  });

  it('explains a coordination, named or from standard input', async () => {
    const { code, stdout } = await nexus(['explain', 'gather-3']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^id +gather-3\nasked +gather, by user-3, ended /);
    expect(stdout).toMatch(/^why +no model was asked$/m);
    const piped = await nexus(['explain', '-', '--json'], '{"coordinationId":"gather-4"}\n');
    expect(json(explainReplySchema, piped)).toMatchObject({ coordinationId: 'gather-4', type: 'gather' });
  });

  it('is part of what status and doctor tell', async () => {
    const status = await nexus(['status']);
    expect(status.stdout).toMatch(
      new RegExp(`^Models {5}1 in use, trained .* ago, ${told} outcomes known$`, 'm'),
    );
    const { checks } = json(doctorSchema, await nexus(['doctor', '--json']));
    expect(checks.find(({ name }) => name === 'models')).toMatchObject({ verdict: 'ok' });
  });

  it('goes back to no model by hand', async () => {
    const back = await nexus(['models', 'rollback', 'gather']);
    expect(back).toMatchObject({ code: 0 });
    expect(back.stdout).toBe('gather: no model is in use any more, the layer below serves\n');
    expect((await nexus(['models'])).stdout).toMatch(/^gather +1 +rolled_back /m);
    const again = await nexus(['models', 'rollback', 'gather', '--to', '1', '--json']);
    expect(json(z.object({ to: z.number() }), again)).toEqual({ to: 1 });
  });
});

describe('what goes wrong', () => {
  it.each([
    [['models', '--type', 'robot'], 'Allowed choices'],
    [['models', '--json', 'train'], "write option '--json' after train"],
    [['predict', 'gather', '--load', '2'], 'A number from 0 to 1.'],
    [['predict', 'gather', '--features', '{"mood":1}'], 'mood'],
    [['anomalies', 'dismiss'], 'name an agent or a type of goal'],
    [['explain', 'a b'], 'the id'],
  ])('refuses %j with exit code 2', async (args, text) => {
    const { code, stdout, stderr } = await nexus(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
  });

  it('says what is known when a coordination is not, with exit code 3', async () => {
    const { code, stderr } = await nexus(['explain', 'nobody']);
    expect(code).toBe(3);
    expect(stderr).toContain('the last 10,000 coordinations are known');
  }, 30_000);

  it('says when no node has agents, with exit code 3', async () => {
    const { code, stderr } = await nexus(['place', 'shard-7', '--nodes', 'rack-9']);
    expect(code).toBe(3);
    expect(stderr).toContain('nexus agents shows the nodes');
  });

  it('says when a version is not there, with exit code 3', async () => {
    const { code, stderr } = await nexus(['models', 'rollback', 'gather', '--to', '77']);
    expect(code).toBe(3);
    expect(stderr).toContain('nexus models shows the versions that there are');
  });

  it('says what to start when no intelligence service answers, with exit code 7', async () => {
    const { code, stdout, stderr } = await nexus(['models', '--prefix', 'nobody']);
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
    expect(stderr).toContain('start an intelligence service, or the whole stack with nexus up');
  });
});

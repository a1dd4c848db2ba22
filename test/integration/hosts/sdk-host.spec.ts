import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endpoints, hostAnswerSchema } from '@nexus/contracts';
import { type HostedAgentOptions, NexusError } from '@nexus/sdk';
import { eventually, gate } from '@nexus/testing';
import { answerTag, decodeBody } from '@nexus/wire';
import { HostScene } from './host-scene.js';

let scene: HostScene;

beforeAll(async () => {
  scene = await HostScene.start();
});

afterAll(() => scene.stop());

const crew = (
  group: string,
  count: number,
  handlers: HostedAgentOptions['handlers'],
  over: Partial<HostedAgentOptions> = {},
): HostedAgentOptions[] =>
  Array.from({ length: count }, (_, index) => ({
    agentId: `${group}-${index}`,
    groups: [group],
    handlers,
    ...over,
  }));

describe('AgentHost: messages', () => {
  it('answers a group message once for all its agents, with the tag of its registration', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 200, { gather: (_message, agent) => agent.agentId }));
    const { heard, reply, root, answers } = await scene.gather(`nexus.group.${group}`, scene.message(), 200);
    expect(heard).toHaveLength(1);
    expect(hostAnswerSchema.parse(heard[0]!.body).hostId).toBe(host.hostId);
    expect(answers.get(`${group}-7`)).toEqual({ agentId: `${group}-7`, ok: true, data: `${group}-7` });
    const route = await scene.rig.follow();
    const { tokenHash } = route.table.get(`${group}-0`)!;
    expect(heard[0]!.subject).toBe(`${reply}.${answerTag(tokenHash, root)}`);
    expect(host.stats).toMatchObject({
      agents: 200,
      received: 1,
      delivered: 200,
      answered: 200,
      answerMessages: 1,
    });
  });

  it('lets the first answers of very many go while it makes the others', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 600, { gather: (_message, agent) => agent.agentId }));
    const { heard, answers } = await scene.gather(`nexus.group.${group}`, scene.message(), 600);
    expect(heard.length).toBeGreaterThan(1);
    expect(answers.size).toBe(600);
    expect(host.stats).toMatchObject({ received: 1, answered: 600, answerMessages: heard.length });
  });

  it('answers for those whom a message names, and says who is not there', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    const [first] = await host.addAll(crew(group, 3, { task: async ({ payload }) => payload }));
    const subject = `nexus.host.${host.hostId}`;
    const message = scene.message({ kind: 'task', payload: 7, agents: [first!.agentId, 'nobody'] });
    const { heard, reply, answers } = await scene.gather(subject, message, 2);
    expect(heard.every((each) => each.subject === reply)).toBe(true);
    expect(answers.get('nobody')).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(answers.get(first!.agentId)).toMatchObject({ ok: true, data: 7, load: { queueDepth: 0 } });
  });

  it('answers for one agent as an agent without a host does, and as the broker where there is none', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 1, { task: ({ payload }) => payload }));
    const agentId = `${group}-0`;
    const asked = await scene.gather(
      `nexus.host.${host.hostId}.${agentId}`,
      scene.message({ kind: 'task', payload: { n: 1 } }),
      1,
    );
    expect(asked.heard[0]).toMatchObject({
      subject: asked.reply,
      body: { agentId, ok: true, data: { n: 1 } },
    });
    const { heard } = scene.ask(`nexus.host.${host.hostId}.nobody`, scene.message({ kind: 'task' }));
    await eventually('the status of nobody', () => heard.length === 1);
    expect(heard[0]!.headers?.code).toBe(503);
  });

  it('reads and writes MessagePack', async () => {
    const group = scene.name('group');
    const host = await scene.host({ encoding: 'msgpack' });
    await host.addAll(crew(group, 20, { gather: (_message, agent) => ({ name: agent.agentId }) }));
    expect(await scene.rig.get(`${group}-0`)).toMatchObject({ encoding: 'msgpack' });
    const { raw } = scene.ask(`nexus.group.${group}`, scene.message(), 'msgpack');
    await eventually('an answer', () => raw.length > 0);
    const body = hostAnswerSchema.parse(decodeBody(raw[0]!, 'msgpack', { bytesMax: 1e6, depthMax: 16 }));
    expect(body.answers).toHaveLength(20);
    expect(body.answers[3]).toMatchObject({ ok: true, data: { name: `${group}-3` } });
  });

  it('sends what is ready, and what takes longer after it', async () => {
    const group = scene.name('group');
    const { opened, open } = gate();
    const host = await scene.host();
    const at = (agent: { agentId: string }) => Number(agent.agentId.split('-').at(-1));
    await host.addAll(crew(group, 30, { gather: (_message, agent) => (at(agent) < 10 ? opened : 1) }));
    const first = await scene.gather(`nexus.group.${group}`, scene.message(), 20);
    expect(first.heard).toHaveLength(1);
    expect(host.stats.agents).toBe(30);
    expect(host.agents[0]!.active).toBe(1);
    open();
    await eventually('the others', () => first.heard.length > 1);
    expect(first.heard.map(({ body }) => (body['answers'] as unknown[]).length)).toEqual([20, 10]);
  });

  it('splits answers that no message can carry together, and refuses one that none can carry', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 12, { gather: ({ payload }) => 'é'.repeat(payload as number) }));
    const { heard, answers } = await scene.gather(
      `nexus.group.${group}`,
      scene.message({ payload: 100_000 }),
      12,
    );
    expect(heard.length).toBeGreaterThan(2);
    expect([...answers.values()].every(({ ok }) => ok === true)).toBe(true);
    const large = await scene.gather(`nexus.group.${group}`, scene.message({ payload: 600_000 }), 12);
    expect(large.answers.get(`${group}-3`)).toMatchObject({
      ok: false,
      error: { code: 'payload_too_large' },
    });
  });

  it('keeps to what each agent can do at once, and turns away what has no room', async () => {
    const group = scene.name('group');
    const { opened, open } = gate();
    const host = await scene.host();
    await host.addAll(crew(group, 2, { task: () => opened }, { maxConcurrency: 1, queueMax: 1 }));
    const subject = `nexus.host.${host.hostId}.${group}-0`;
    const asked = [0, 1, 2].map(() => scene.ask(subject, scene.message({ kind: 'task' })));
    await eventually('one is turned away', () => asked.some(({ heard }) => heard.length === 1));
    expect(host.stats.overloaded).toBe(1);
    expect(host.agents[0]).toMatchObject({ active: 1, queueDepth: 1 });
    await eventually(
      'routing hears of it',
      async () => (await scene.rig.get(`${group}-0`)).load?.queueDepth === 1,
    );
    open();
    await eventually('all are answered', () => asked.every(({ heard }) => heard.length === 1));
    const codes = asked.map(({ heard }) => (heard[0]!.body['error'] as { code: string } | undefined)?.code);
    expect(codes.sort()).toEqual(['overloaded', undefined, undefined]);
  });

  it('answers for handlers that outlast their budget or throw, and lets go of what waits too long', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    const aborted: unknown[] = [];
    await host.addAll(
      crew(
        group,
        1,
        {
          task: ({ signal }) =>
            new Promise((_, reject) =>
              signal.addEventListener('abort', () => {
                aborted.push(signal.reason);
                reject(new Error('aborted'));
              }),
            ),
          gather: () => {
            throw new NexusError('forbidden', 'not yours');
          },
          vote: () => ({ odd: true }) as never,
        },
        { maxConcurrency: 1 },
      ),
    );
    const subject = `nexus.host.${host.hostId}.${group}-0`;
    const brief = (budgetMs: number) => scene.message({ kind: 'task', budgetMs });
    const late = scene.ask(subject, brief(400));
    scene.ask(subject, brief(50));
    await eventually('it is answered', () => late.heard.length === 1);
    expect(late.heard[0]!.body).toMatchObject({ ok: false, error: { code: 'deadline_exceeded' } });
    await eventually('the other is let go', () => host.stats.expired === 1);
    expect(aborted).toHaveLength(1);
    const { answers } = await scene.gather(subject, scene.message(), 1);
    expect([...answers.values()][0]).toMatchObject({
      ok: false,
      error: { code: 'forbidden', message: 'not yours' },
    });
    const vote = (payload: unknown) => scene.gather(subject, scene.message({ kind: 'vote', payload }), 1);
    const codeOf = async (payload: unknown) =>
      ([...(await vote(payload)).answers.values()][0]!['error'] as { code: string }).code;
    expect(await codeOf({ key: 'k' })).toBe('internal');
    expect(await codeOf(7)).toBe('invalid_argument');
  });

  it('answers for all whatever one of them throws', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    const gather: NonNullable<HostedAgentOptions['handlers']['gather']> = (_message, { agentId }) => {
      if (agentId.endsWith('-0')) throw Object.create(null);
      return 1;
    };
    await host.addAll(crew(group, 3, { gather }));
    const { answers } = await scene.gather(`nexus.group.${group}`, scene.message(), 3);
    expect(answers.get(`${group}-0`)).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(answers.get(`${group}-2`)).toMatchObject({ ok: true });
  });

  it('shows handlers that look at it late that their time is over', async () => {
    const group = scene.name('group');
    const { opened, open } = gate();
    const late: boolean[] = [];
    const host = await scene.host();
    await host.add({
      agentId: `${group}-late`,
      handlers: {
        task: async (message) => {
          await opened;
          late.push(message.signal.aborted);
        },
      },
    });
    const message = scene.message({ kind: 'task', budgetMs: 50 });
    const { heard } = scene.ask(`nexus.host.${host.hostId}.${group}-late`, message);
    await eventually('it is answered for', () => heard.length === 1);
    open();
    await eventually('it has looked', () => late.length === 1);
    expect(late).toEqual([true]);
  });

  it('refuses whoever has lost its lease', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 1, { task: () => 1 }));
    const send = async (fencingToken: number) => {
      const message = scene.message({ kind: 'task', fencingToken });
      const { answers } = await scene.gather(`nexus.host.${host.hostId}.${group}-0`, message, 1);
      return [...answers.values()][0]!['ok'];
    };
    expect([await send(5), await send(4), await send(5)]).toEqual([true, false, true]);
    expect(host.stats.outdated).toBe(1);
  });

  it('does the same work once, whichever way it comes', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    let runs = 0;
    await host.addAll(crew(group, 5, { gather: () => (runs += 1), broadcast: () => (runs += 1) }));
    const message = scene.message();
    const first = await scene.gather(`nexus.group.${group}`, message, 5);
    const some = { ...message, agents: [`${group}-1`, `${group}-2`] };
    const again = await scene.gather(`nexus.host.${host.hostId}`, some, 2);
    const alone = await scene.gather(`nexus.host.${host.hostId}.${group}-4`, message, 1);
    expect(runs).toBe(5);
    for (const { answers } of [again, alone]) {
      for (const [agentId, answer] of answers) expect(answer).toEqual(first.answers.get(agentId));
    }
    expect(host.stats.duplicates).toBe(3);
    // What nobody wanted to know then is answered without it.
    const told = scene.message({ kind: 'broadcast' });
    scene.tell(`nexus.group.${group}`, told);
    const { answers } = await scene.gather(`nexus.host.${host.hostId}.${group}-0`, told, 1);
    expect([...answers.values()]).toEqual([{ agentId: `${group}-0`, ok: true, data: null }]);
    expect(runs).toBe(10);
  });

  it('survives what is no message, on each of its subjects', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 2, { gather: () => 1 }));
    const subjects = [
      `nexus.group.${group}`,
      `nexus.host.${host.hostId}`,
      `nexus.host.${host.hostId}.${group}-0`,
    ];
    for (const subject of subjects) {
      for (const bytes of ['', '{', '[]', '{"kind":"odd"}', Buffer.from([0xff, 0xfe])]) {
        scene.asker.publish(subject, Buffer.from(bytes));
      }
      const message = Buffer.from(JSON.stringify(scene.message()));
      scene.asker.publish(subject, message, { reply: 'nexus.agents.list' });
    }
    await eventually('all are counted', () => host.stats.malformed === 15);
    expect(host.stats.foreignReplySubject).toBe(3);
    await scene.gather(`nexus.group.${group}`, scene.message(), 2);
  });

  it('shares a group with another host', async () => {
    const group = scene.name('group');
    const [one, two] = [await scene.host(), await scene.host()];
    const say = (host: string) => ({ gather: () => host });
    await one.addAll(crew(group, 3, say('one')));
    await two.addAll(crew(scene.name('others'), 3, say('two'), { groups: [group] }));
    const { heard, answers } = await scene.gather(`nexus.group.${group}`, scene.message(), 6);
    expect(answers.size).toBe(6);
    expect(new Set(heard.map(({ subject }) => subject)).size).toBe(2);
  });
});

describe('AgentHost: membership', () => {
  it('refuses an id that it has, or that is none', async () => {
    const host = await scene.host();
    const agentId = scene.name('agent');
    await host.add({ agentId, handlers: {} });
    await expect(host.add({ agentId, handlers: {} })).rejects.toMatchObject({ code: 'conflict' });
    await expect(host.add({ agentId: 'a.b', handlers: {} })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    const meta = { large: 'x'.repeat(3_000) };
    const joining = [
      host.add({ agentId: scene.name('agent'), handlers: {} }),
      host.add({ agentId: scene.name('agent'), handlers: {}, meta }),
    ];
    const outcomes = await Promise.allSettled(joining);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(host.agents).toHaveLength(2);
  });

  it('waits while somebody else has the id, and gets it in the end', async () => {
    const agentId = scene.name('agent');
    const { token } = await scene.rig.register(agentId);
    const host = await scene.host();
    const adding = host.add({ agentId, handlers: {} });
    await eventually('a refusal', () =>
      scene.events.some((event) => event.kind === 'registration_failed' && event.agentIds.includes(agentId)),
    );
    await scene.rig.deregister(agentId, token);
    expect((await adding).registered).toBe(true);
    expect(await scene.rig.get(agentId)).toMatchObject({ host: host.hostId });
  });

  it('leaves with one agent, and lets it finish what it has', async () => {
    const group = scene.name('group');
    const { opened, open } = gate();
    const host = await scene.host();
    await host.addAll(crew(group, 3, { gather: () => opened.then(() => 'done') }));
    const asked = scene.ask(`nexus.group.${group}`, scene.message());
    await eventually('all work on it', () => host.stats.delivered === 3);
    const closing = host.agents[1]!.close();
    await eventually('routing knows', () =>
      scene.rig.get(`${group}-1`).then(
        () => false,
        () => true,
      ),
    );
    open();
    await closing;
    await eventually('all have answered', () => host.stats.answered === 3);
    await eventually('an answer is heard', () => asked.heard.length > 0);
    expect(host.agents.map(({ agentId }) => agentId)).toEqual([`${group}-0`, `${group}-2`]);
    await scene.gather(`nexus.group.${group}`, scene.message(), 2);
    expect(host.stats).toMatchObject({ agents: 2, delivered: 5 });
  });

  it.each([
    ['one of its agents', 1],
    ['all of them', 4],
  ])('registers again when routing has forgotten %s', async (_, count) => {
    const group = scene.name('group');
    let token = '';
    scene.asker.subscribe('nexus.hosts.register.>', (message) => {
      token = message.json<{ token: string }>().token;
    });
    const host = await scene.host();
    await host.addAll(crew(group, 4, { gather: () => 1 }));
    const agents = crew(group, count, {}).map(({ agentId }) => agentId);
    await scene.rig.caller.call(
      endpoints.hostsDeregister,
      { hostId: host.hostId },
      { token, agents },
      { timeoutMs: 5_000 },
    );
    await eventually('all are back', async () => {
      const known = agents.map((agentId) => scene.rig.get(agentId).catch(() => undefined));
      return (await Promise.all(known)).every((agent) => agent?.host === host.hostId);
    });
    await scene.gather(`nexus.group.${group}`, scene.message(), 4);
  });

  it('leaves the others alone when one of them is lost to somebody else, and gets it back in the end', async () => {
    const group = scene.name('group');
    let token = '';
    const named: string[] = [];
    scene.asker.subscribe('nexus.hosts.register.>', (message) => {
      const told = message.json<{ token: string; agents: { agentId: string }[] }>();
      token = told.token;
      named.push(...told.agents.map(({ agentId }) => agentId));
    });
    const host = await scene.host();
    const [kept, lost] = (await host.addAll(crew(group, 2, {}))).map(({ agentId }) => agentId);
    const { hostId } = host;
    const taken = await eventually('another has the id', async () => {
      const request = { token, agents: [lost!] };
      await scene.rig.caller.call(endpoints.hostsDeregister, { hostId }, request, { timeoutMs: 5_000 });
      return scene.rig.register(lost!).catch(() => undefined);
    });
    await eventually('it is counted no more', () => host.stats.agents === 1);
    const { heartbeats } = host.stats;
    const before = named.length;
    await eventually('some heartbeats', () => host.stats.heartbeats >= heartbeats + 5);
    expect(named.slice(before)).not.toContain(kept);
    await scene.rig.deregister(lost!, taken.token);
    await eventually('it is back', () => host.stats.agents === 2);
    expect(await scene.rig.get(lost!)).toMatchObject({ host: hostId });
  });

  it('adds agents whose descriptions are long in bytes, though short in characters', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    const meta = { of: '\u6f22'.repeat(2_000) };
    await host.addAll(crew(group, 90, {}, { meta }));
    expect(host.stats.agents).toBe(90);
  });

  it('is gone with all its agents when its connection is', async () => {
    const group = scene.name('group');
    const host = await scene.host();
    await host.addAll(crew(group, 50, {}));
    const follower = await scene.rig.follow();
    await eventually(
      'all are known',
      () => follower.table.resolve({ kind: 'group', group }).agents.length === 50,
    );
    const { connection } = (host as unknown as { held: { connection: { close(): Promise<void> } } }).held;
    await connection.close();
    await eventually(
      'all are gone',
      () => follower.table.resolve({ kind: 'group', group }).agents.length === 0,
    );
  });

  it('closes in order: routing first, then what is under way', async () => {
    const group = scene.name('group');
    const { opened, open } = gate();
    const host = await scene.host();
    await host.addAll(crew(group, 3, { gather: () => opened.then(() => 1) }));
    const asked = scene.ask(`nexus.group.${group}`, scene.message());
    await eventually('all work on it', () => host.stats.delivered === 3);
    const closing = host.close();
    const gone = (agentId: string) =>
      scene.rig.get(agentId).then(
        () => false,
        () => true,
      );
    await eventually('routing knows', () => gone(`${group}-2`));
    open();
    await closing;
    await eventually('they have answered', () => asked.heard.length > 0);
    await expect(host.add({ agentId: 'late', handlers: {} })).rejects.toMatchObject({ code: 'unavailable' });
  });
});

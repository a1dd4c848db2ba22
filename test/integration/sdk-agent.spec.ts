import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { Agent, type AgentEvent, type AgentOptions, Connection, NexusError } from '@nexus/sdk';
import { eventually, gate, startTestServers, type TestServers } from '@nexus/testing';
import { answerTag, tokenHashOf } from '@nexus/wire';
import { FakeRouting } from './sdk/fake-routing.js';

let servers: TestServers;
let routing: FakeRouting;
const agents: Agent[] = [];
let nextId = 0;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  routing = await FakeRouting.start(servers.natsUrl);
});

afterEach(async () => {
  routing.refuse = () => undefined;
  await Promise.all(agents.splice(0).map((agent) => agent.close({ drainTimeoutMs: 100 })));
});

afterAll(async () => {
  await routing.nats.close();
  await servers.stop();
});

type Rest = Omit<
  Partial<AgentOptions>,
  'connection' | 'servers' | 'auth' | 'inboxPrefix' | 'connectTimeoutMs'
>;

async function startAgent(options: Rest = {}): Promise<Agent> {
  const agentId = `agent-${nextId++}`;
  const agent = await Agent.start({ servers: servers.natsUrl, agentId, handlers: {}, ...options });
  agents.push(agent);
  return agent;
}

const send = (agent: Agent, message: Record<string, unknown>, timeoutMs?: number) =>
  routing.send(`nexus.agent.${agent.agentId}`, { kind: 'task', payload: null, ...message }, timeoutMs);

describe('Agent: membership', () => {
  it('registers with what it was told, and beats with real load', async () => {
    const agent = await startAgent({
      groups: ['workers'],
      capabilities: ['hash'],
      node: 'node-1',
      weight: 2,
      maxConcurrency: 3,
      meta: { rack: 7 },
    });
    const { body } = routing.registrations.find(({ agentId }) => agentId === agent.agentId)!;
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]{22}$/),
      groups: ['workers'],
      capabilities: ['hash'],
      node: 'node-1',
      weight: 2,
      maxConcurrency: 3,
      meta: { rack: 7 },
      groupSubjects: true,
    });
    const beats = () => routing.heartbeats.filter(({ agentId }) => agentId === agent.agentId);
    await eventually('three heartbeats', () => beats().length >= 3);
    expect(beats()[0]!.body).toEqual({
      token: expect.any(String),
      cpu: expect.any(Number),
      memory: expect.any(Number),
      queueDepth: 0,
      active: 0,
    });
    expect(beats()[0]!.body['memory']).toBeGreaterThan(0);
    expect(agent.registered).toBe(true);
  });

  it('waits while an earlier life holds its id, and says so', async () => {
    const events: AgentEvent[] = [];
    const agentId = `agent-${nextId}`;
    routing.tokens.set(agentId, 'of an earlier life');
    const starting = startAgent({ onEvent: (event) => events.push(event) });
    await eventually('a refused registration', () =>
      events.some(({ kind }) => kind === 'registration_failed'),
    );
    expect(events[0]).toMatchObject({ kind: 'registration_failed', attempt: 1, error: { code: 'conflict' } });
    routing.tokens.delete(agentId);
    expect((await starting).registered).toBe(true);
  });

  it('registers again when routing has forgotten it', async () => {
    const agent = await startAgent();
    routing.tokens.clear();
    await eventually('a second registration', () => agent.stats.registrations === 2);
    expect(routing.tokens.has(agent.agentId)).toBe(true);
  });

  it('does not count as registered again before routing has answered', async () => {
    const events: AgentEvent[] = [];
    const agent = await startAgent({ onEvent: (event) => events.push(event) });
    const tries = () => routing.registrations.filter(({ agentId }) => agentId === agent.agentId).length;
    routing.unanswered = 1;
    routing.tokens.clear();
    await eventually('a second try', () => tries() === 2);
    expect(agent.registered).toBe(false);
    await eventually('an answer to the third', () => agent.stats.registrations === 2);
    expect(agent.registered).toBe(true);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'registration_failed' }));
  });

  it('is known when it repeats a registration whose answer was lost', async () => {
    routing.unanswered = 1;
    const events: AgentEvent[] = [];
    const agent = await startAgent({ onEvent: (event) => events.push(event) });
    expect(events.slice(0, 2)).toMatchObject([
      { kind: 'registration_failed', error: { code: 'deadline_exceeded' } },
      { kind: 'registered' },
    ]);
    expect(agent.registered).toBe(true);
  });

  it('gives back an id that it may hold without having heard so', async () => {
    routing.unanswered = 1;
    const giveUp = new AbortController();
    const agentId = `agent-${nextId}`;
    await expect(startAgent({ signal: giveUp.signal, onEvent: () => giveUp.abort() })).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(routing.farewells).toContain(agentId);
  });

  it('does not start when it is refused for good', async () => {
    routing.refuse = () => 'forbidden';
    await expect(startAgent()).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('gives up starting when told to', async () => {
    routing.refuse = () => 'unavailable';
    const giveUp = new AbortController();
    const events: AgentEvent[] = [];
    const starting = startAgent({ signal: giveUp.signal, onEvent: (event) => events.push(event) });
    await eventually('a try', () => events.length > 0);
    giveUp.abort();
    await expect(starting).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives its id back when closed', async () => {
    const agent = await startAgent();
    await agent.close();
    expect(routing.farewells).toContain(agent.agentId);
    expect(agent.registered).toBe(false);
  });
});

describe('Agent: messages', () => {
  it('answers with what the handler returns, and its load', async () => {
    const agent = await startAgent({ handlers: { gather: ({ payload }) => ({ echoed: payload }) } });
    const answer = await send(agent, { kind: 'gather', payload: { a: 1 } });
    expect(answer).toEqual({
      agentId: agent.agentId,
      ok: true,
      data: { echoed: { a: 1 } },
      load: expect.objectContaining({ cpu: expect.any(Number), active: 1 }),
    });
  });

  it('hands the handler all that the message says', async () => {
    let seen: unknown;
    const agent = await startAgent({
      handlers: {
        task: ({ signal, budgetMs, trace, ...rest }) => {
          seen = {
            ...rest,
            aborted: signal.aborted,
            inBudget: budgetMs <= 3_000,
            traced: trace.traceId.length,
          };
        },
      },
    });
    const answer = await send(agent, { attempt: 2, clock: { 'coordinator-1': 42 }, payload: 'p' });
    expect(answer).toMatchObject({ ok: true, data: null });
    expect(seen).toEqual({
      payload: 'p',
      kind: 'task',
      coordinationId: expect.stringMatching(/^c-\d+$/),
      attempt: 2,
      from: 'coordinator-1',
      clock: { 'coordinator-1': 42 },
      aborted: false,
      inBudget: true,
      traced: 32,
    });
  });

  it('answers a group message', async () => {
    const agent = await startAgent({ groups: ['solo'], handlers: { broadcast: () => 'heard' } });
    const heard: { subject: string; body: unknown }[] = [];
    const reply = '_INBOX.asker.conversation.message';
    routing.nats.subscribe('_INBOX.asker.>', {
      callback: (_error, answer) => void heard.push({ subject: answer.subject, body: answer.json() }),
    });
    const message = { coordinationId: 'g', kind: 'broadcast', budgetMs: 5_000, attempt: 1, from: 'x' };
    routing.nats.publish('nexus.group.solo', JSON.stringify(message), { reply });
    await eventually('its answer', () => heard.length > 0);
    const tag = answerTag(tokenHashOf(routing.tokens.get(agent.agentId)!), '_INBOX.asker');
    expect(heard).toEqual([
      {
        subject: `${reply}.${tag}`,
        body: expect.objectContaining({ agentId: agent.agentId, ok: true, data: 'heard' }),
      },
    ]);
  });

  it('shows all agents of a connection one payload, which none of them can change', async () => {
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'shared' });
    const shown: unknown[] = [];
    const keep = ({ payload }: { payload: unknown }) => void shown.push(payload);
    for (const agentId of ['shown-1', 'shown-2']) {
      const options = { connection, agentId, groups: ['shown'], handlers: { broadcast: keep } };
      agents.push(await Agent.start(options));
    }
    const message = { coordinationId: 's', kind: 'broadcast', budgetMs: 5_000, attempt: 1, from: 'x' };
    routing.nats.publish('nexus.group.shown', JSON.stringify({ ...message, payload: { deep: [{ n: 1 }] } }));
    await eventually('both have it', () => shown.length === 2);
    expect(shown[0]).toBe(shown[1]);
    expect(() => ((shown[0] as { deep: { n: number }[] }).deep[0]!.n = 2)).toThrow(TypeError);
    for (const agent of agents.splice(0)) await agent.close();
    await connection.close();
  });

  it('does the same work once, and gives whoever asks again what came of it then', async () => {
    const opened = gate();
    let runs = 0;
    const handlers = {
      gather: () => opened.opened.then(() => (runs += 1)),
      task: () => (runs += 1),
    };
    const agent = await startAgent({ handlers });
    const ask = () => send(agent, { kind: 'gather', coordinationId: 'once' });
    const [first, second] = [ask(), ask()];
    await eventually('both are in', () => agent.stats.received === 2);
    opened.open();
    const answers = [await first, await second, await ask()];
    expect(answers.map(({ data }) => data)).toEqual([1, 1, 1]);
    expect(agent.stats.duplicates).toBe(2);
    // One coordination may have many tasks for one agent.
    await send(agent, { kind: 'task', coordinationId: 'once' });
    await send(agent, { kind: 'task', coordinationId: 'once' });
    expect(runs).toBe(3);
  });

  it('does it again once its budget is over', async () => {
    let runs = 0;
    const agent = await startAgent({ handlers: { gather: () => (runs += 1) } });
    const message = { kind: 'gather', coordinationId: 'late', budgetMs: 50 };
    await send(agent, message, 5_000);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await send(agent, message, 5_000)).toMatchObject({ data: 2 });
  });

  it.each(['broadcast', 'gather', 'vote', 'task'])('names %s when it has no handler for it', async (kind) => {
    const agent = await startAgent();
    const answer = await send(agent, { kind, payload: { key: 'k' } });
    expect(answer).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect((answer['error'] as { message: string }).message).toContain(kind);
  });

  it('carries a typed error of a handler, and any other as internal', async () => {
    const agent = await startAgent({
      handlers: {
        gather: () => Promise.reject(new NexusError('forbidden', 'not yours')),
        task: () => {
          throw new Error('it broke');
        },
      },
    });
    expect(await send(agent, { kind: 'gather' })).toMatchObject({
      error: { code: 'forbidden', message: 'not yours' },
    });
    expect(await send(agent, { kind: 'task' })).toMatchObject({
      error: { code: 'internal', message: 'it broke' },
    });
  });

  it('says so when the answer cannot be written or is too large', async () => {
    const agent = await startAgent({
      handlers: { gather: () => 10n, task: () => 'x'.repeat(2 * 1024 * 1024) },
    });
    expect(await send(agent, { kind: 'gather' })).toMatchObject({ error: { code: 'internal' } });
    expect(await send(agent, { kind: 'task' })).toMatchObject({ error: { code: 'payload_too_large' } });
  });

  it('votes, abstains and gives reasons; a vote that is none is a fault', async () => {
    const answers: unknown[] = ['sha1', null, { vote: 'md5', reason: 'fast' }, { no: 'vote' }];
    const agent = await startAgent({ handlers: { vote: () => answers.shift() as null } });
    const vote = () => send(agent, { kind: 'vote', payload: { key: 'k', options: ['sha1', 'md5'] } });
    expect(await vote()).toMatchObject({ ok: true, data: 'sha1' });
    expect(await vote()).toMatchObject({ ok: true, data: null });
    expect(await vote()).toMatchObject({ ok: true, data: { vote: 'md5', reason: 'fast' } });
    expect(await vote()).toMatchObject({ ok: false, error: { code: 'internal' } });
  });

  it('turns away what its queue has no room for, and works on the rest', async () => {
    const { opened, open } = gate();
    const agent = await startAgent({ maxConcurrency: 1, queueMax: 1, handlers: { task: () => opened } });
    const first = send(agent, {});
    const second = send(agent, {});
    await eventually('one waits', () => agent.load().queueDepth === 1);
    expect(await send(agent, {})).toMatchObject({ ok: false, error: { code: 'overloaded' } });
    open();
    expect(await Promise.all([first, second])).toMatchObject([{ ok: true }, { ok: true }]);
    expect(agent.stats.overloaded).toBe(1);
  });

  it('drops work whose budget is used up when its turn comes', async () => {
    const { opened, open } = gate();
    const ran: unknown[] = [];
    const agent = await startAgent({
      maxConcurrency: 1,
      handlers: { gather: () => opened, task: ({ payload }) => ran.push(payload) },
    });
    const slow = send(agent, { kind: 'gather' });
    const hasty = send(agent, { payload: 'hasty', budgetMs: 20 }, 60).catch(() => 'silence');
    expect(await hasty).toBe('silence');
    open();
    await slow;
    await send(agent, { payload: 'patient' });
    expect(ran).toEqual(['patient']);
    expect(agent.stats.expired).toBe(1);
  });

  it('aborts the handler when the budget is used up', async () => {
    const { opened, open } = gate();
    const agent = await startAgent({
      handlers: {
        task: ({ signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => {
              open();
              resolve('too late');
            });
          }),
      },
    });
    expect(await send(agent, { budgetMs: 30 })).toMatchObject({ error: { code: 'deadline_exceeded' } });
    await opened;
  });

  it('counts what it cannot read, and goes on', async () => {
    const agent = await startAgent({ handlers: { task: () => 'alive' } });
    const subject = `nexus.agent.${agent.agentId}`;
    const odd = headers();
    odd.set('Content-Type', 'text/plain');
    const bodies = [
      '',
      '{',
      '[]',
      '"x"',
      '{"kind":"task"}',
      `{"a":${'['.repeat(100)}${']'.repeat(100)}}`,
      '\xff',
    ];
    for (const body of bodies) routing.nats.publish(subject, body);
    routing.nats.publish(subject, '{}', { headers: odd });
    expect(await send(agent, {})).toMatchObject({ data: 'alive' });
    expect(agent.stats.malformed).toBe(bodies.length + 1);
  });

  it('neither works on nor answers a message whose reply would go to a foreign subject', async () => {
    let calls = 0;
    const agent = await startAgent({ handlers: { task: () => (calls += 1) } });
    const message = { coordinationId: 'c', kind: 'task', payload: 0, budgetMs: 1_000, attempt: 1, from: 'x' };
    routing.nats.publish(`nexus.agent.${agent.agentId}`, JSON.stringify(message), {
      reply: 'nexus.agents.deregister.victim',
    });
    expect(await send(agent, {})).toMatchObject({ data: 1 });
    expect(agent.stats.foreignReplySubject).toBe(1);
  });

  it('speaks MessagePack to whoever does', async () => {
    const { decodeBody, encodeBody } = await import('@nexus/wire');
    const agent = await startAgent({ handlers: { task: ({ payload }) => payload } });
    const packed = headers();
    packed.set('Content-Type', 'application/msgpack');
    const body = {
      coordinationId: 'c',
      kind: 'task',
      payload: [1, 'b'],
      budgetMs: 3_000,
      attempt: 1,
      from: 'x',
    };
    const answer = await routing.nats.request(`nexus.agent.${agent.agentId}`, encodeBody(body, 'msgpack'), {
      timeout: 3_000,
      headers: packed,
    });
    expect(answer.headers?.get('Content-Type')).toBe('application/msgpack');
    expect(decodeBody(answer.data, 'msgpack')).toMatchObject({ ok: true, data: [1, 'b'] });
  });

  it('finishes what it has taken in before it closes', async () => {
    const { opened, open } = gate();
    const agent = await startAgent({ handlers: { task: () => opened.then(() => 'done') } });
    const answer = send(agent, {});
    await eventually('it runs', () => agent.load().active === 1);
    const closed = agent.close();
    open();
    expect(await answer).toMatchObject({ ok: true, data: 'done' });
    await closed;
  });

  it('aborts and answers what does not finish in the time to drain', async () => {
    const agent = await startAgent({
      maxConcurrency: 1,
      handlers: {
        task: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new NexusError('unavailable', 'stopped')));
          }),
      },
    });
    const answers = Promise.all([send(agent, {}), send(agent, {})]);
    await eventually('one runs and one waits', () => agent.load().queueDepth === 1);
    await agent.close({ drainTimeoutMs: 20 });
    expect(await answers).toMatchObject([
      { ok: false, error: { code: 'unavailable' } },
      { ok: false, error: { code: 'unavailable' } },
    ]);
  });
});

describe('Agent: many on one connection', () => {
  it('runs a thousand of them', async () => {
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'host' });
    try {
      const fleet = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) =>
          Agent.start({
            connection,
            agentId: `many-${index}`,
            groups: ['many'],
            handlers: { gather: () => index },
          }),
        ),
      );
      const heard = new Set<unknown>();
      const inbox = '_INBOX.test.many.all';
      routing.nats.subscribe(`${inbox}.*`, {
        callback: (_error, message) => void heard.add(message.json<{ data: number }>().data),
      });
      const message = {
        coordinationId: 'c',
        kind: 'gather',
        payload: 0,
        budgetMs: 20_000,
        attempt: 1,
        from: 'x',
      };
      routing.nats.publish('nexus.group.many', JSON.stringify(message), { reply: inbox });
      await eventually('a thousand answers', () => heard.size === 1_000, 20_000);
      await Promise.all(fleet.map((agent) => agent.close()));
      expect(connection.connected).toBe(true);
    } finally {
      await connection.close();
    }
  });
});

describe('Agent: an outage of the broker', () => {
  it('registers again with its token, and sends the answer that was ready meanwhile', async () => {
    const { opened, open } = gate();
    const agent = await startAgent({ handlers: { task: () => opened.then(() => 'kept') } });
    const token = routing.tokens.get(agent.agentId);
    let answer: unknown;
    const inbox = '_INBOX.test.kept';
    routing.nats.subscribe(inbox, { callback: (_error, message) => void (answer = message.json()) });
    const message = {
      coordinationId: 'c',
      kind: 'task',
      payload: 0,
      budgetMs: 25_000,
      attempt: 1,
      from: 'x',
    };
    routing.nats.publish(`nexus.agent.${agent.agentId}`, JSON.stringify(message), { reply: inbox });
    await eventually('it runs', () => agent.load().active === 1);
    servers.nats.kill('SIGKILL');
    await eventually('it notices', () => !agent.registered);
    open();
    await servers.nats.restart();
    await eventually('the answer', () => answer !== undefined, 20_000);
    expect(answer).toMatchObject({ ok: true, data: 'kept' });
    await eventually('it is registered again', () => agent.stats.registrations >= 2, 20_000);
    const last = routing.registrations.filter(({ agentId }) => agentId === agent.agentId).at(-1);
    expect(last?.body['token']).toBe(token);
  });
});

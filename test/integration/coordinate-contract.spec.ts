import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';
import { pack, unpack } from 'msgpackr';

// Nothing but the NATS client, JSON and MessagePack: what a stranger has who knows the contract's page.

type Body = Record<string, unknown>;

const json = (message: Msg): Body => message.json<Body>();

describe('the contract by any NATS client', () => {
  let stack: TestStack;
  let nats: NatsConnection;

  const ask = async (subject: string, body: unknown, extra?: Readonly<Record<string, string>>) => {
    const sent = headers();
    for (const [name, value] of Object.entries(extra ?? {})) sent.set(name, value);
    return nats.request(subject, JSON.stringify(body), { timeout: 10_000, headers: sent });
  };

  const received: Body[] = [];

  /** An agent as the contract describes it. */
  const join = async (agentId: string, answer: (message: Body) => Body) => {
    nats.subscribe(`nexus.agent.${agentId}`, {
      callback: (_, message) => {
        const body = json(message);
        received.push({ to: agentId, ...body });
        if (message.reply) message.respond(JSON.stringify({ agentId, ok: true, ...answer(body) }));
      },
    });
    const reply = await ask(`nexus.agents.register.${agentId}`, {
      groups: ['workers'],
      capabilities: ['echo'],
    });
    return json(reply);
  };

  beforeAll(async () => {
    // These agents send no heartbeats after their first: they live as long as the tests.
    stack = await startTestStack({ env: { NEXUS_AGENT_TTL_MS: '120000' } });
    nats = await connect({ servers: stack.natsUrl });
  });
  afterAll(async () => {
    await nats.close();
    await stack.stop();
  });

  it('registers two agents and tells them how to stay', async () => {
    const answer = (message: Body): Body => {
      if (message['kind'] === 'vote') return { data: 'blue' };
      if (message['kind'] === 'task') return { data: { echoed: message['payload'] } };
      return { data: { load: 0.25 } };
    };
    for (const agentId of ['alpha', 'beta']) {
      const reply = await join(agentId, answer);
      expect(reply).toEqual({
        token: expect.any(String),
        ttlMs: expect.any(Number),
        heartbeatMs: expect.any(Number),
        inbox: `nexus.agent.${agentId}`,
      });
      const beat = { token: reply['token'], cpu: 0.1, memory: 0.2, queueDepth: 0, active: 0 };
      expect(json(await ask(`nexus.agents.heartbeat.${agentId}`, beat))).toEqual({});
    }
    expect(json(await ask('nexus.agents.get', { agentId: 'alpha' }))).toMatchObject({
      agentId: 'alpha',
      health: 'alive',
      load: { cpu: 0.1, memory: 0.2, queueDepth: 0, active: 0 },
    });
    const listed = json(await ask('nexus.agents.list', { group: 'workers' }));
    expect((listed['agents'] as Body[]).map((agent) => agent['agentId'])).toEqual(['alpha', 'beta']);
  });

  it('broadcasts', async () => {
    const reply = json(
      await ask('nexus.coordinate', {
        agents: { group: 'workers' },
        goal: { type: 'broadcast', payload: { hello: 'fleet' }, delivery: 'acknowledged' },
      }),
    );
    expect(reply).toMatchObject({
      type: 'broadcast',
      status: 'complete',
      layer: 'performance',
      fallbacks: [],
      result: { targeted: 2, delivered: 2, acknowledged: 2, failed: [] },
    });
    expect(reply['traceId']).toMatch(/^[0-9a-f]{32}$/);
    expect(received.at(-1)).toMatchObject({
      coordinationId: reply['coordinationId'],
      kind: 'broadcast',
      payload: { hello: 'fleet' },
      attempt: 1,
      budgetMs: expect.any(Number),
    });
  });

  it('gathers and aggregates', async () => {
    const reply = json(
      await ask('nexus.coordinate', {
        agents: { all: true },
        goal: { type: 'gather', payload: { ask: 'load' }, aggregate: 'mean', field: '/load' },
      }),
    );
    expect(reply['result']).toEqual({
      responses: [
        { agentId: 'alpha', data: { load: 0.25 } },
        { agentId: 'beta', data: { load: 0.25 } },
      ],
      missing: [],
      failed: [],
      aggregate: 0.25,
      sampleSize: 2,
    });
  });

  it('lets the agents vote, and claims no decision', async () => {
    const goal = { type: 'consensus', proposal: { key: 'colour', options: ['blue', 'red'] }, commit: false };
    const reply = json(await ask('nexus.coordinate', { agents: { ids: ['alpha', 'beta'] }, goal }));
    expect(reply['result']).toMatchObject({
      decided: true,
      value: 'blue',
      tally: { blue: 2 },
      votes: [
        { agentId: 'alpha', vote: 'blue' },
        { agentId: 'beta', vote: 'blue' },
      ],
    });
    expect(reply['result']).not.toHaveProperty('decision');
    const committed = await ask('nexus.coordinate', {
      agents: { all: true },
      goal: { ...goal, commit: true },
    });
    expect(committed.headers?.get('Nats-Service-Error-Code')).toBe('503');
    expect(json(committed)).toMatchObject({ error: { code: 'unavailable', retryable: true } });
  });

  it('shares work out and returns each result once', async () => {
    const requests = Array.from({ length: 10 }, (_, index) => ({ id: `r${index}`, payload: { index } }));
    const reply = json(
      await ask('nexus.coordinate', {
        agents: { capability: 'echo' },
        goal: { type: 'load_balance', requests },
      }),
    );
    const { assignments, results } = reply['result'] as { assignments: Body[]; results: Body[] };
    expect(results.map(({ requestId }) => requestId)).toEqual(requests.map(({ id }) => id));
    expect(results[3]).toMatchObject({ ok: true, data: { echoed: { index: 3 } }, attempts: 1 });
    expect(assignments.filter(({ agentId }) => agentId === 'alpha')).toHaveLength(5);
    const assigned = json(await ask('nexus.routing.assign', { agents: { group: 'workers' }, count: 4 }));
    expect((assigned['assignments'] as string[]).toSorted()).toEqual(['alpha', 'alpha', 'beta', 'beta']);
  });

  it.each<[string, string, Body]>([
    ['a durable request', 'nexus.coordinate', { goal: { type: 'gather' }, durable: true }],
    ...['async', 'lightweight', 'fault_tolerant'].map((strategy): [string, string, Body] => [
      `the strategy ${strategy}`,
      'nexus.coordinate',
      { goal: { type: 'gather' }, strategy },
    ]),
  ])('refuses %s, for it is not in this build, and asks no agent', async (_what, subject, request) => {
    const askedBefore = received.length;
    const agents = subject === 'nexus.coordinate' ? { agents: { group: 'workers' } } : {};
    const reply = await ask(subject, { ...agents, ...request });
    expect(reply.headers?.get('Nats-Service-Error-Code')).toBe('503');
    const { error } = json(reply) as { error: Body };
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('is not available in this build'),
    });
    // To wait does not help.
    expect(error).not.toHaveProperty('retryAfterMs');
    expect(received).toHaveLength(askedBefore);
  });

  it('says as an event what was done, and how it ended', async () => {
    const heard: Body[] = [];
    const subscription = nats.subscribe('nexus.events.coordination.completed', {
      callback: (_, message) => {
        heard.push(json(message));
      },
    });
    await nats.flush();
    for (const ids of [['alpha'], ['alpha', 'ghost']]) {
      const reply = json(await ask('nexus.coordinate', { agents: { ids }, goal: { type: 'gather' } }));
      expect(reply['status']).toBe(ids.length === 1 ? 'complete' : 'partial');
      const { coordinationId, type, status, layer, strategy, traceId } = reply;
      const event = await eventually('the event', () =>
        heard.find((body) => body['coordinationId'] === coordinationId),
      );
      expect(event).toEqual({
        ...{ coordinationId, type, status, layer, strategy, traceId },
        agents: ids.length,
        durationMs: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    }
    expect(heard).toHaveLength(2);
    subscription.unsubscribe();
  });

  it('gives a repeated request its first outcome and asks no agent twice', async () => {
    const request = { agents: { group: 'workers' }, goal: { type: 'gather', payload: 'once' } };
    const asked = () => received.filter(({ payload }) => payload === 'once').length;
    const first = json(await ask('nexus.coordinate', request, { 'Nats-Msg-Id': 'request-1' }));
    expect(asked()).toBe(2);
    const repeats = await Promise.all([
      ask('nexus.coordinate', request, { 'Nats-Msg-Id': 'request-1' }),
      ask('nexus.coordinate', { ...request, requestId: 'request-1' }),
    ]);
    for (const repeat of repeats) expect(json(repeat)).toEqual(first);
    expect(asked()).toBe(2);
    const other = await ask('nexus.coordinate', {
      ...request,
      goal: { type: 'gather' },
      requestId: 'request-1',
    });
    expect(json(other)).toMatchObject({ error: { code: 'conflict' } });
    // Another caller's ids are its own.
    const bob = json(await ask('nexus.coordinate.bob', { ...request, requestId: 'request-1' }));
    expect(bob['coordinationId']).not.toBe(first['coordinationId']);
  });

  it('streams parts, then the whole', async () => {
    const inbox = '_INBOX.stranger.stream';
    const parts: Msg[] = [];
    const whole = new Promise<Msg>((resolve) => {
      nats.subscribe(inbox, {
        callback: (_, message) => {
          if (message.headers?.get('Nexus-Part') === 'final') resolve(message);
          else parts.push(message);
        },
      });
    });
    nats.publish(
      'nexus.coordinate',
      JSON.stringify({ agents: { all: true }, goal: { type: 'gather' }, stream: true }),
      { reply: inbox },
    );
    const { responses } = json(await whole)['result'] as { responses: unknown[] };
    expect(responses).toHaveLength(2);
    const streamed = parts.flatMap((part) => {
      expect(part.headers?.get('Nexus-Part')).toBe('partial');
      return (json(part)['part'] as { responses: unknown[] }).responses;
    });
    expect(streamed).toHaveLength(2);
  });

  it('answers MessagePack in MessagePack: the parts of a stream, and the whole', async () => {
    const inbox = '_INBOX.stranger.packed';
    const messages: Msg[] = [];
    nats.subscribe(inbox, {
      callback: (_, message) => {
        messages.push(message);
      },
    });
    const packed = headers();
    packed.set('Content-Type', 'application/msgpack');
    const goal = { type: 'gather', payload: 'packed' };
    const send = (stream: boolean) =>
      nats.publish('nexus.coordinate', pack({ agents: { all: true }, goal, stream }), {
        reply: inbox,
        headers: packed,
      });
    const result = {
      responses: [
        { agentId: 'alpha', data: { load: 0.25 } },
        { agentId: 'beta', data: { load: 0.25 } },
      ],
      missing: [],
      failed: [],
    };

    send(false);
    await eventually('the reply', () => messages.length > 0);
    expect(messages[0]?.headers?.get('Content-Type')).toBe('application/msgpack');
    expect(unpack(messages[0]!.data)).toMatchObject({ type: 'gather', status: 'complete', result });

    messages.length = 0;
    send(true);
    await eventually('the end', () => messages.at(-1)?.headers?.get('Nexus-Part') === 'final');
    for (const { headers: sent } of messages) expect(sent?.get('Content-Type')).toBe('application/msgpack');
    expect(unpack(messages.at(-1)!.data)).toMatchObject({ status: 'complete', result });
    const streamed = messages.slice(0, -1).flatMap((message) => {
      expect(message.headers?.get('Nexus-Part')).toBe('partial');
      return (unpack(message.data) as { part: { responses: Body[] } }).part.responses;
    });
    expect(streamed.toSorted((a, b) => String(a['agentId']).localeCompare(String(b['agentId'])))).toEqual(
      result.responses,
    );
    // What reaches the agents is JSON, whatever the caller writes.
    expect(received.filter(({ payload }) => payload === 'packed')).toHaveLength(4);
  });

  it('lets an agent leave, and says so when nobody is left', async () => {
    const token = json(await ask('nexus.agents.register.gamma', { groups: ['leavers'] }))['token'];
    expect(json(await ask('nexus.agents.deregister.gamma', { token }))).toEqual({});
    const reply = await ask('nexus.coordinate', { agents: { group: 'leavers' }, goal: { type: 'gather' } });
    expect(json(reply)).toMatchObject({ error: { code: 'not_found', retryable: false } });
  });

  it('lists agents by capability, by node, and by both', async () => {
    const tokens = new Map<string, unknown>();
    const machines: Readonly<Record<string, Body>> = {
      'north-1': { capabilities: ['paint'], node: 'north' },
      'north-2': { capabilities: ['weld', 'paint'], node: 'north' },
      'north-3': { capabilities: ['weld'], node: 'north' },
      'south-1': { capabilities: ['weld', 'paint'], node: 'south' },
    };
    for (const [agentId, machine] of Object.entries(machines)) {
      const { token } = json(await ask(`nexus.agents.register.${agentId}`, machine));
      tokens.set(agentId, token);
    }
    const listed = async (filter: Body) => {
      const { agents } = json(await ask('nexus.agents.list', filter)) as { agents: Body[] };
      return agents.map(({ agentId }) => agentId);
    };
    expect(await listed({ capability: 'paint' })).toEqual(['north-1', 'north-2', 'south-1']);
    expect(await listed({ node: 'north' })).toEqual(['north-1', 'north-2', 'north-3']);
    expect(await listed({ capability: 'weld', node: 'north' })).toEqual(['north-2', 'north-3']);
    expect(await listed({ node: 'west' })).toEqual([]);
    const [shown] = json(await ask('nexus.agents.list', { node: 'south' }))['agents'] as Body[];
    expect(shown).toMatchObject({ agentId: 'south-1', ...machines['south-1'] });
    for (const [agentId, token] of tokens) await ask(`nexus.agents.deregister.${agentId}`, { token });
  });

  it('answers a ping with what NATS tools look for', async () => {
    const inbox = '_INBOX.stranger.ping';
    const answers: Body[] = [];
    nats.subscribe(inbox, {
      callback: (_, message) => {
        answers.push(json(message));
      },
    });
    nats.publish('$SRV.PING', '', { reply: inbox });
    await eventually('two services', () => answers.length === 2);
    for (const answer of answers) {
      expect(answer).toEqual({
        type: 'io.nats.micro.v1.ping_response',
        name: expect.stringMatching(/^nexus-(coordinator|routing)$/),
        id: expect.stringMatching(/./),
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        metadata: {},
      });
      // By its name and id it is asked alone.
      const alone = await ask(`$SRV.PING.${String(answer['name'])}.${String(answer['id'])}`, {});
      expect(json(alone)).toEqual(answer);
    }
    expect(new Set(answers.map(({ name }) => name)).size).toBe(2);
  });

  it('is found by the NATS tools as a micro service', async () => {
    const inbox = '_INBOX.stranger.discovery';
    const found: Body[] = [];
    nats.subscribe(inbox, {
      callback: (_, message) => {
        found.push(json(message));
      },
    });
    nats.publish('$SRV.INFO', '', { reply: inbox });
    await eventually('two services', () => found.length === 2);
    expect(found.map(({ name }) => name).sort()).toEqual(['nexus-coordinator', 'nexus-routing']);
    expect(found[0]).toMatchObject({ type: 'io.nats.micro.v1.info_response', version: expect.any(String) });
  });
});

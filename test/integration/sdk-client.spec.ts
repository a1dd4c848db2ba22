import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { Connection, NexusClient, type NexusClientOptions, NexusError } from '@nexus/sdk';
import { eventually, sampleReply, startTestServers, type TestServers } from '@nexus/testing';
import { type Body, headersOf } from './support/scripted-fleet.js';

type Script = (message: Msg, body: Body) => void;

let servers: TestServers;
let nats: NatsConnection;
const clients: NexusClient[] = [];
const stops: (() => void)[] = [];

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  nats = await connect({ servers: servers.natsUrl });
});

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await nats.close();
  await servers.stop();
});

type Rest = Pick<NexusClientOptions, 'userId' | 'retry' | 'bufferMax' | 'graceMs' | 'timeoutMs'>;

async function connected(options: Rest = {}): Promise<NexusClient> {
  const client = await NexusClient.connect({ servers: servers.natsUrl, ...options });
  clients.push(client);
  return client;
}

/** A service on the wire that answers each request with the next of the scripts, the last one again and again. */
async function serve(subject: string, ...scripts: Script[]): Promise<Body[]> {
  const requests: Body[] = [];
  const subscription = nats.subscribe(subject, {
    callback: (_error, message) => {
      const body = message.json<Body>();
      const script = scripts[Math.min(requests.length, scripts.length - 1)]!;
      requests.push(body);
      script(message, body);
    },
  });
  stops.push(() => subscription.unsubscribe());
  await nats.flush();
  return requests;
}

const reply =
  (body: Body, marks: Record<string, string> = {}): Script =>
  (message) =>
    void message.respond(JSON.stringify(body), { headers: headersOf(marks) });

const fault = (code: string, more: Body = {}): Script =>
  reply(
    { error: { code, message: code, details: [], retryable: true, ...more } },
    { 'Nats-Service-Error-Code': '503', 'Nats-Service-Error': code },
  );

const inTurn =
  (...scripts: Script[]): Script =>
  (message, body) =>
    scripts.forEach((script) => script(message, body));

const silence: Script = () => undefined;

const gathered = (responses: Body[]): Body => sampleReply('gather', { responses, failed: [], missing: [] });
const answer = (agentId: string): Body => ({ agentId, data: agentId });
const part = (...agentIds: string[]): Script =>
  reply(
    { coordinationId: 'c', type: 'gather', part: { responses: agentIds.map(answer) } },
    { 'Nexus-Part': 'partial' },
  );
const final = (responses: Body[], marks: Record<string, string> = {}): Script =>
  reply(gathered(responses), { 'Nexus-Part': 'final', ...marks });

const workers = { group: 'workers' };
const gather = { agents: workers, goal: { type: 'gather' as const } };

describe('NexusClient: coordinate', () => {
  it('sends the goal under a request id and gives back the typed reply', async () => {
    const requests = await serve('nexus.coordinate', reply(gathered([answer('a')])));
    const { result } = await (await connected()).gather(workers, { payload: { ask: 1 } });
    expect(result.responses).toEqual([answer('a')]);
    expect(requests).toEqual([
      { requestId: expect.any(String), agents: workers, goal: { type: 'gather', payload: { ask: 1 } } },
    ]);
  });

  it('asks on the subject of its user', async () => {
    const requests = await serve('nexus.coordinate.ann', reply(gathered([])));
    await (await connected({ userId: 'ann' })).coordinate(gather, { requestId: 'mine' });
    expect(requests).toMatchObject([{ requestId: 'mine' }]);
  });

  it('repeats what was not accepted, under the same request id', async () => {
    const requests = await serve(
      'nexus.coordinate',
      fault('overloaded', { retryAfterMs: 5 }),
      fault('unavailable', { retryAfterMs: 5 }),
      reply(gathered([])),
    );
    await (await connected()).coordinate(gather);
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it('repeats with what is left of the budget', async () => {
    const requests = await serve(
      'nexus.coordinate',
      fault('overloaded', { retryAfterMs: 200 }),
      reply(gathered([])),
    );
    await (await connected()).gather(workers, { timeoutMs: 5_000 });
    const [first, second] = requests.map(({ goal }) => (goal as { timeoutMs: number }).timeoutMs);
    expect(first).toBe(5_000);
    expect(second).toBeGreaterThanOrEqual(1);
    expect(second).toBeLessThan(4_900);
  });

  it('throws the last fault where a repeat would have no budget', async () => {
    const requests = await serve('nexus.coordinate', fault('overloaded', { retryAfterMs: 200 }), silence);
    const client = await connected({ graceMs: 300 });
    await expect(client.gather(workers, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'overloaded' });
    expect(requests).toHaveLength(1);
  });

  it('throws at once what no repeat mends, and a fault after something was accepted', async () => {
    const client = await connected();
    const first = await serve('nexus.coordinate', fault('forbidden'));
    await expect(client.coordinate(gather)).rejects.toMatchObject({ name: 'NexusError', code: 'forbidden' });
    expect(first).toHaveLength(1);
    stops.pop()!();
    const second = await serve('nexus.coordinate', inTurn(part('a'), fault('unavailable')));
    await expect(client.coordinate(gather)).rejects.toMatchObject({ code: 'unavailable' });
    expect(second).toHaveLength(1);
  });

  it('makes at most a tenth of repeats, and ten on top, of what everybody is refused', async () => {
    const requests = await serve('nexus.coordinate', fault('overloaded', { retryAfterMs: 1 }));
    const client = await connected({ retry: { baseMs: 1 } });
    const asked = Array.from({ length: 100 }, () => client.coordinate(gather));
    const outcomes = await Promise.allSettled(asked);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'overloaded' } });
    // It would be 400 if each had its three repeats.
    expect(requests.length).toBeGreaterThan(100);
    expect(requests.length).toBeLessThanOrEqual(100 + 10 + 10);
  });

  it('pays repeats of all that the client asks from one budget', async () => {
    const client = await connected({ retry: { baseMs: 1 } });
    const first = await serve('nexus.coordinate', fault('overloaded', { retryAfterMs: 1 }));
    await Promise.allSettled(Array.from({ length: 5 }, () => client.coordinate(gather)));
    expect(first).toHaveLength(5 + 10);
    const second = await serve('nexus.agents.get', fault('overloaded', { retryAfterMs: 1 }));
    await expect(client.agents.get('a')).rejects.toMatchObject({ code: 'overloaded' });
    expect(second).toHaveLength(1);
  });

  it('says unavailable when nobody serves, and deadline_exceeded when nobody answers', async () => {
    const client = await connected({ graceMs: 50, retry: { baseMs: 1 } });
    await expect(client.coordinate(gather)).rejects.toMatchObject({ code: 'unavailable' });
    await serve('nexus.coordinate', silence);
    const goal = { type: 'gather' as const, timeoutMs: 10 };
    await expect(client.coordinate({ ...gather, goal })).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('waits for the reply, however long a wait it is given', async () => {
    // A timer of one millisecond, as Node makes one of a delay that it cannot take, fires before the reply is sent.
    await serve('nexus.coordinate', (message, body) =>
      setTimeout(() => reply(gathered([]))(message, body), 50),
    );
    const asked = (await connected()).coordinate(gather, { timeoutMs: 2 ** 31 });
    expect((await asked).status).toBe('complete');
  });

  it.each([
    ['before the reply', silence],
    ['before the repeat', fault('overloaded', { retryAfterMs: 120_000 })],
  ])('stops waiting when told to, %s', async (_, script) => {
    const stopped = new NexusError('deadline_exceeded', 'the caller stopped waiting');
    const requests = await serve('nexus.coordinate', script);
    const stop = new AbortController();
    const waiting = (await connected()).coordinate(gather, { signal: stop.signal, timeoutMs: 600_000 });
    await eventually('it has asked', () => requests.length === 1);
    stop.abort();
    await expect(waiting).rejects.toEqual(stopped);
    expect(requests).toHaveLength(1);
  });

  it('does not even ask when told to stop before', async () => {
    const requests = await serve('nexus.coordinate', silence);
    const asked = (await connected()).coordinate(gather, { signal: AbortSignal.abort() });
    await expect(asked).rejects.toMatchObject({ name: 'NexusError', code: 'deadline_exceeded' });
    expect(requests).toEqual([]);
  });

  it('joins a reply whose lists travelled in parts', async () => {
    await serve('nexus.coordinate', inTurn(part('a', 'b'), part('c'), final([], { 'Nexus-Lists': 'split' })));
    const { result } = await (await connected()).coordinate(gather);
    expect(result.responses.map(({ agentId }) => agentId)).toEqual(['a', 'b', 'c']);
  });

  it('makes a malformed reply a typed error', async () => {
    const client = await connected();
    await serve('nexus.coordinate', reply({ no: 'reply' }));
    await expect(client.coordinate(gather)).rejects.toMatchObject({ name: 'NexusError', code: 'internal' });
    stops.pop()!();
    await serve('nexus.coordinate', (message) => void message.respond('{'));
    await expect(client.coordinate(gather)).rejects.toMatchObject({ name: 'NexusError', code: 'internal' });
  });
});

describe('NexusClient: stream', () => {
  it('hands over the parts, then the final reply', async () => {
    const requests = await serve(
      'nexus.coordinate',
      inTurn(part('a'), part('b'), final([answer('a'), answer('b')])),
    );
    const stream = (await connected()).stream(gather);
    const seen: unknown[] = [];
    for await (const { part: lists } of stream) seen.push(lists.responses?.[0]?.agentId);
    expect(seen).toEqual(['a', 'b']);
    expect((await stream.final).result.responses).toHaveLength(2);
    expect(requests).toMatchObject([{ stream: true }]);
  });

  it('ends with overloaded when it is not read, and disturbs nothing else', async () => {
    const client = await connected({ bufferMax: 2 });
    await serve('nexus.coordinate', inTurn(part('a'), part('b'), part('c'), final([])));
    const stream = client.stream(gather);
    await expect(stream.final).rejects.toMatchObject({ code: 'overloaded' });
    expect((await stream.next()).done).toBe(false);
    expect((await stream.next()).done).toBe(false);
    await expect(stream.next()).rejects.toMatchObject({ code: 'overloaded' });
    expect((await client.coordinate(gather)).status).toBe('complete');
  });

  it('stops when its reader leaves early', async () => {
    const client = await connected();
    await serve('nexus.coordinate', part('a'));
    const stream = client.stream(gather);
    for await (const { type } of stream) {
      expect(type).toBe('gather');
      break;
    }
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await expect(stream.final).rejects.toMatchObject({ name: 'NexusError' });
  });

  it('leaves no rejection behind when its reader leaves early and asks for no final reply', async () => {
    await serve('nexus.coordinate', part('a'));
    const stream = (await connected()).stream(gather);
    for await (const { type } of stream) if (type === 'gather') break;
    // A rejection that nobody handles fails the test after a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await expect(stream.final).rejects.toMatchObject({ message: 'the stream was stopped by its reader' });
  });

  it('throws where the request fails', async () => {
    await serve('nexus.coordinate', fault('not_found'));
    const stream = (await connected()).stream(gather);
    await expect(stream.next()).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('NexusClient: agents, assignments, events', () => {
  const view = (agentId: string): Body => ({
    agentId,
    groups: [],
    capabilities: [],
    weight: 1,
    health: 'alive',
    registeredAt: '2026-01-01T00:00:00.000Z',
  });

  it('lists page after page', async () => {
    const requests = await serve(
      'nexus.agents.list',
      reply({ agents: [view('a'), view('b')], cursor: 'next' }),
      reply({ agents: [view('c')], cursor: null }),
    );
    const ids: string[] = [];
    for await (const agent of (await connected()).agents.list({ group: 'workers', pageSize: 2 })) {
      ids.push(agent.agentId);
    }
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(requests).toEqual([
      { group: 'workers', limit: 2 },
      { group: 'workers', limit: 2, cursor: 'next' },
    ]);
  });

  it('gets one agent and assigns work', async () => {
    const client = await connected();
    await serve('nexus.agents.get', reply(view('a')));
    await serve('nexus.routing.assign', reply({ assignments: ['a', 'b'] }));
    expect((await client.agents.get('a')).health).toBe('alive');
    expect((await client.assign({ agents: workers, count: 2 })).assignments).toEqual(['a', 'b']);
  });

  it('tells events as they happen, and counts what it cannot read or keep', async () => {
    const connection = await Connection.open({ servers: servers.natsUrl, name: 'listener' });
    const client = await NexusClient.connect({ connection, bufferMax: 2 });
    const events = client.events('agent.*');
    await connection.flush();
    const at = '2026-01-01T00:00:00.000Z';
    nats.publish('nexus.events.agent.joined', '{');
    nats.publish('nexus.events.agent.renamed', JSON.stringify({ new: true }));
    for (const agentId of ['a', 'b'])
      nats.publish('nexus.events.agent.joined', JSON.stringify({ agentId, at }));
    await nats.flush();
    await connection.flush();
    expect(await events.next()).toMatchObject({ value: { kind: 'unknown', name: 'agent.renamed' } });
    expect(await events.next()).toMatchObject({ value: { kind: 'agent.joined', body: { agentId: 'a' } } });
    expect([events.malformed, events.dropped]).toEqual([1, 1]);
    await events.return();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await connection.close();
  });

  it.each(['', 'a b', 'a..b', '>.a'])('refuses the pattern %j', async (pattern) => {
    const client = await connected();
    expect(() => client.events(pattern)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { Agent, AgentHost, type Connection } from '@nexus/sdk';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';
import { answerTag, decodeBody, encodeBody, replyRootOf, tokenHashOf } from '@nexus/wire';
import { type Body, ScriptedFleet } from '../support/scripted-fleet.js';

let stack: TestStack;
let nats: NatsConnection;
let fleet: ScriptedFleet;
let line: Connection;
const published: string[] = [];
const started: { close(options?: { drainTimeoutMs?: number }): Promise<void> }[] = [];

const listening = new Map<string, Subscription>();

/** Notes what is published on a subject. */
function listen(subject: string): void {
  const callback = (_: unknown, message: Msg) => void published.push(message.subject);
  listening.set(subject, nats.subscribe(subject, { callback }));
}

beforeAll(async () => {
  stack = await startTestStack({ env: { NEXUS_AGENT_TTL_MS: '120000' } });
  nats = await connect({ servers: stack.natsUrl });
  fleet = new ScriptedFleet(nats);
  line = await stack.connect('agents');
  for (const subject of ['nexus.agent.*', 'nexus.group.*', 'nexus.host.>']) listen(subject);
  await nats.flush();
});

afterAll(async () => {
  await Promise.all(started.map((one) => one.close({ drainTimeoutMs: 100 })));
  await nats?.close();
  await stack?.stop();
});

interface Gathered {
  readonly responses: { readonly agentId: string; readonly data: unknown }[];
  readonly missing: string[];
  readonly failed: { readonly agentId: string; readonly code: string; readonly message: string }[];
}

/** What a gather came to, and on which subjects it was asked. */
async function gather(agents: Body, goal: Body = {}) {
  published.length = 0;
  const request = { agents, goal: { type: 'gather', timeoutMs: 5_000, ...goal } };
  const { status, result, reply } = await fleet.coordinate(request);
  return { status, reply, result: result as unknown as Gathered, asked: [...published] };
}

async function agent(
  agentId: string,
  groups: string[],
  answer: (payload: unknown) => unknown = () => agentId,
) {
  const handlers = { gather: ({ payload }: { payload: unknown }) => answer(payload), broadcast: () => null };
  const one = await Agent.start({ connection: line, agentId, groups, handlers });
  started.push(one);
  return one;
}

async function hostWith(hostId: string, agentIds: string[], groups: string[]) {
  const host = await AgentHost.start({ servers: stack.natsUrl, hostId });
  started.push(host);
  await host.addAll(
    agentIds.map((agentId) => ({
      ...{ agentId, groups },
      handlers: { gather: () => agentId, broadcast: () => null, task: () => agentId },
    })),
  );
  return host;
}

const idsOf = ({ responses }: Gathered) => responses.map(({ agentId }) => agentId);

describe('a group whose members all hear it', () => {
  it('is asked by one message, and each member is accounted for', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => `g${String(at).padStart(2, '0')}`);
    await Promise.all(ids.map((agentId) => agent(agentId, ['choir'])));
    const { status, reply, result, asked } = await gather({ group: 'choir' });
    expect(asked).toEqual(['nexus.group.choir']);
    expect(status).toBe('complete');
    expect(reply).toMatchObject({ layer: 'performance', strategy: 'performance_optimized' });
    expect(idsOf(result)).toEqual(ids);
    for (const { agentId, data } of result.responses) expect(data).toBe(agentId);
  });

  it('is told by one message', async () => {
    published.length = 0;
    const goal = { type: 'broadcast', delivery: 'acknowledged' };
    const { result } = await fleet.coordinate({ agents: { group: 'choir' }, goal });
    expect(result).toMatchObject({ targeted: 20, delivered: 20, acknowledged: 20, missing: [], failed: [] });
    expect(published).toEqual(['nexus.group.choir']);
  });

  it('is asked one by one by the foundation', async () => {
    published.length = 0;
    await fleet.coordinate({ agents: { group: 'choir' }, goal: { type: 'gather' }, maxLayer: 'foundation' });
    expect(published).toHaveLength(20);
  });

  it('has each on its own subject when somebody else is in it', async () => {
    await agent('sdk-1', ['mixed']);
    await agent('sdk-2', ['mixed']);
    await fleet.join('plain', ({ answer }) => answer('plain'), { groups: ['mixed'] });
    const { status, result, asked } = await gather({ group: 'mixed' });
    expect(status).toBe('complete');
    expect(idsOf(result)).toEqual(['plain', 'sdk-1', 'sdk-2']);
    expect(asked.toSorted()).toEqual(['nexus.agent.plain', 'nexus.agent.sdk-1', 'nexus.agent.sdk-2']);
  });

  it('asks who is silent while all others have answered once more, and learns that it is not there', async () => {
    await Promise.all(['alive-1', 'alive-2'].map((agentId) => agent(agentId, ['thinned'])));
    const gone = await stack.connect('gone');
    await Agent.start({
      connection: gone,
      agentId: 'gone',
      groups: ['thinned'],
      handlers: { gather: () => 1 },
    });
    await gone.nats.close();
    // Whoever listens in on the agents' subjects makes the broker think that somebody is there.
    listening.get('nexus.agent.*')!.unsubscribe();
    const { status, result, asked } = await gather({ group: 'thinned' });
    expect(status).toBe('partial');
    expect(idsOf(result)).toEqual(['alive-1', 'alive-2']);
    expect(result.failed).toEqual([
      { agentId: 'gone', code: 'unavailable', message: 'the agent is not connected' },
    ]);
    expect(asked).toEqual(['nexus.group.thinned']);
    listen('nexus.agent.*');
  });

  it('goes on when what a group got as MessagePack is too long for any message as JSON', async () => {
    for (const agentId of ['terse-1', 'terse-2']) {
      const gather = () => (agentId === 'terse-1' ? 1 : new Promise(() => undefined));
      started.push(
        await Agent.start({
          ...{ connection: line, agentId, groups: ['terse'], encoding: 'msgpack' },
          handlers: { gather },
        }),
      );
    }
    const payload = '\u0001'.repeat(200_000);
    const goal = { type: 'gather', payload, timeoutMs: 1_500 };
    const marks = headers();
    marks.set('Content-Type', 'application/msgpack');
    const reply = await nats.request(
      'nexus.coordinate',
      encodeBody({ agents: { group: 'terse' }, goal }, 'msgpack'),
      { timeout: 5_000, headers: marks },
    );
    expect(decodeBody(reply.data, 'msgpack')).toMatchObject({
      status: 'partial',
      result: { responses: [{ agentId: 'terse-1', data: 1 }], missing: ['terse-2'] },
    });
  });

  it('runs nothing twice for who is only slow', async () => {
    let runs = 0;
    await agent('swift', ['paced']);
    await agent('slow', ['paced'], async () => {
      runs += 1;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return 'at last';
    });
    const { status, result } = await gather({ group: 'paced' });
    expect(status).toBe('complete');
    expect(result.responses).toContainEqual({ agentId: 'slow', data: 'at last' });
    expect(runs).toBe(1);
  });

  it('believes nobody who has not the tag of an agent', async () => {
    const token = 'abcdefghijklmnopqrstuv';
    const respond = (reply: string, tag: string, agentId: string) =>
      nats.publish(`${reply}.${tag}`, JSON.stringify({ agentId, ok: true, data: 'forged' }));
    nats.subscribe('nexus.group.forged', {
      callback: (_: unknown, message: Msg) => {
        const reply = message.reply ?? '';
        const own = answerTag(tokenHashOf(token), replyRootOf(reply));
        // As the other one, with the own tag; as the other one, with a tag of one's own making; without any.
        respond(reply, own, 'victim');
        respond(reply, 'aaaaaaaaaaaaaaaa', 'victim');
        nats.publish(reply, JSON.stringify({ agentId: 'victim', ok: true, data: 'forged' }));
      },
    });
    await fleet.request('nexus.agents.register.forger', { groups: ['forged'], groupSubjects: true, token });
    await agent('victim', ['forged'], async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'true';
    });
    const { result } = await gather({ group: 'forged' });
    expect(result.responses).toEqual([{ agentId: 'victim', data: 'true' }]);
    expect(result.failed).toMatchObject([{ agentId: 'forger', code: 'internal' }]);
  });
});

describe('agents on hosts', () => {
  const ids = Array.from({ length: 30 }, (_, at) => `h${String(at).padStart(2, '0')}`);

  beforeAll(async () => {
    await hostWith('box-1', ids.slice(0, 15), ['crew']);
    await hostWith('box-2', ids.slice(15), ['crew']);
  });

  it('are asked by one message for their group', async () => {
    const { status, result, asked } = await gather({ group: 'crew' });
    expect(asked).toEqual(['nexus.group.crew']);
    expect(status).toBe('complete');
    expect(idsOf(result)).toEqual(ids);
  });

  it('are asked by one message a host when they are named', async () => {
    const named = [...ids.slice(0, 10), ids[20]!, ids[21]!];
    const { result, asked } = await gather({ ids: named });
    expect(idsOf(result)).toEqual(named);
    expect(asked.toSorted()).toEqual(['nexus.host.box-1', 'nexus.host.box-2']);
  });

  it('do work that is shared out, each under its own name', async () => {
    const requests = Array.from({ length: 60 }, (_, index) => ({ id: `u${index}` }));
    const { status, result } = await fleet.coordinate({
      agents: { group: 'crew' },
      goal: { type: 'load_balance', requests, timeoutMs: 10_000 },
    });
    expect(status).toBe('complete');
    const results = result['results'] as { agentId: string; data: string }[];
    for (const { agentId, data } of results) expect(data).toBe(agentId);
    expect(new Set(results.map(({ agentId }) => agentId))).toEqual(new Set(ids));
  });

  it('are reached by the foundation too', async () => {
    const request = { agents: { group: 'crew' }, goal: { type: 'gather' }, maxLayer: 'foundation' };
    const { status, result } = await fleet.coordinate(request);
    expect(status).toBe('complete');
    expect(idsOf(result as unknown as Gathered)).toEqual(ids);
  });

  it('are missing together when their host is gone, and nobody else is', async () => {
    const host = await hostWith('box-3', ['lost-1', 'lost-2'], ['halves']);
    await agent('kept', ['halves']);
    started.splice(started.indexOf(host), 1);
    const gathered = gather({ group: 'halves' }, { timeoutMs: 2_000 });
    await gathered;
    await host.close();
    await eventually('they have left', async () => {
      const { result } = await gather({ group: 'halves' });
      return idsOf(result).join() === 'kept';
    });
  });
});

describe('an aggregate over more agents than are listed', () => {
  it('is grown answer by answer, and the answers are not kept', async () => {
    const ids = Array.from({ length: 1_200 }, (_, at) => `n${at}`);
    const host = await AgentHost.start({ servers: stack.natsUrl, hostId: 'many' });
    started.push(host);
    await host.addAll(
      ids.map((agentId, at) => ({ agentId, groups: ['many'], handlers: { gather: () => ({ n: at }) } })),
    );
    const { status, result } = await gather({ group: 'many' }, { aggregate: 'sum', field: '/n' });
    expect(status).toBe('complete');
    expect(result).toMatchObject({
      aggregate: (1_199 * 1_200) / 2,
      sampleSize: 1_200,
      responses: [],
      missing: [],
    });
    const listed = await gather({ group: 'many' });
    expect(listed.result.responses.length).toBe(1_200);
  });

  it('has room for so much of what a majority is found among, and no more', async () => {
    const host = await AgentHost.start({ servers: stack.natsUrl, hostId: 'verbose' });
    started.push(host);
    const agents = Array.from({ length: 1_100 }, (_, at) => ({
      ...{ agentId: `v${at}`, groups: ['verbose'] },
      handlers: { gather: () => String(at).padEnd(40_000, '.') },
    }));
    await host.addAll(agents);
    const goal = { aggregate: 'majority', timeoutMs: 20_000 };
    const { status, result, reply } = await gather({ group: 'verbose' }, goal);
    expect(status).toBe('partial');
    expect(new Set(result.failed.map(({ code }) => code))).toEqual(new Set(['payload_too_large']));
    expect(reply).toMatchObject({ result: { sampleSize: agents.length - result.failed.length } });
  });
});

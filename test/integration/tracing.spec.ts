import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { installTelemetry, ServiceContext, type Telemetry } from '@nexus/platform/telemetry';
import { Agent, NexusClient } from '@nexus/sdk';
import { OtlpReceiver, type ReceivedSpan, startTestStack, type TestStack } from '@nexus/testing';
import { context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { headersOf, ScriptedFleet } from './support/scripted-fleet.js';

const agentIds = ['traced-1', 'traced-2', 'traced-3'];

let receiver: OtlpReceiver;
let telemetry: Telemetry;
let stack: TestStack;
let client: NexusClient;
const agents: Agent[] = [];

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  telemetry = installTelemetry({
    service: 'client',
    instanceId: 'client-1',
    version: '0.0.0',
    endpoint: receiver.endpoint,
  });
  stack = await startTestStack({ env: { NEXUS_AGENT_TTL_MS: '120000' } });
  for (const agentId of agentIds) {
    // Each agent as in a process of its own: its connection, and so all that arrives on it, belongs to its service.
    const owner = new ServiceContext({ service: 'agent', instanceId: agentId });
    const agent = await owner.run(() =>
      Agent.start({
        servers: stack.natsUrl,
        agentId,
        groups: ['traced'],
        handlers: {
          gather: ({ trace: { traceId } }) => ({ traceId }),
          vote: () => 'yes',
          task: ({ payload }) => payload,
          broadcast: () => null,
        },
      }),
    );
    agents.push(agent);
  }
  client = await NexusClient.connect({ servers: stack.natsUrl });
  // Redis learns each script at its first use, which costs that one trace a refused call more.
  await client.loadBalance({ group: 'traced' }, { requests: [{ id: 'first' }] });
});

afterAll(async () => {
  await client?.close();
  await Promise.all(agents.map((agent) => agent.close({ drainTimeoutMs: 100 })));
  await stack?.stop();
  await telemetry?.shutdown();
  await receiver?.close();
});

beforeEach(async () => {
  await telemetry.flush();
  receiver.clear();
});

afterEach(() => {
  expect(receiver.malformed).toBe(0);
});

/** Runs the work in a span of the client's own, as an application would. */
async function inRoot<T>(name: string, work: (span: Span) => Promise<T>): Promise<T> {
  const span = trace.getTracer('test').startSpan(name, {}, ROOT_CONTEXT);
  try {
    return await context.with(trace.setSpan(ROOT_CONTEXT, span), () => work(span));
  } finally {
    span.end();
  }
}

async function traceOf(traceId: string, spans: number): Promise<readonly ReceivedSpan[]> {
  await telemetry.flush();
  return receiver.waitForTrace(traceId, (received) => received.length >= spans);
}

const named = (spans: readonly ReceivedSpan[], name: string) => spans.filter((span) => span.name === name);
const isRedis = ({ attributes }: ReceivedSpan) => attributes['db.system.name'] === 'redis';

describe('one request is one trace', () => {
  it('from the client over the coordinator and Redis to each agent', async () => {
    const { traceId, reply } = await inRoot('work', async (span) => ({
      traceId: span.spanContext().traceId,
      reply: await client.coordinate(
        { agents: { group: 'traced' }, goal: { type: 'gather' }, maxLayer: 'foundation' },
        { requestId: 'traced-request-1' },
      ),
    }));
    // work, send, process, claim and complete, and a pair of send and process an agent.
    const spans = await traceOf(traceId, 3 + 2 + 2 * agentIds.length);
    const tree = receiver.renderTree(traceId);
    expect({ tree, count: spans.length }).toEqual({ tree, count: 3 + 2 + 2 * agentIds.length });
    expect(reply.traceId).toBe(traceId);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));

    const [root] = named(spans, 'work');
    expect(root).toMatchObject({ service: 'nexus-client', parentSpanId: undefined });
    const [asked] = named(spans, 'send nexus.coordinate');
    expect(asked).toMatchObject({ service: 'nexus-client', kind: 'client', parentSpanId: root!.spanId });
    const [served] = named(spans, 'process nexus.coordinate');
    expect(served).toMatchObject({
      service: 'nexus-coordinator',
      kind: 'consumer',
      parentSpanId: asked!.spanId,
      status: 'unset',
      attributes: {
        'messaging.system': 'nats',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'nexus.coordinate',
        'messaging.message.conversation_id': reply.coordinationId,
        'nexus.goal.type': 'gather',
        'nexus.agents': agentIds.length,
        'nexus.layer': 'foundation',
        'nexus.status': 'complete',
      },
    });

    const redis = spans.filter(isRedis);
    expect(redis).toHaveLength(2);
    for (const span of redis) {
      expect(span).toMatchObject({
        service: 'nexus-coordinator',
        kind: 'client',
        parentSpanId: served!.spanId,
      });
      expect(JSON.stringify(span.attributes)).not.toContain('traced-request-1');
    }

    const sends = named(spans, 'send nexus.agent.{agentId}');
    const handled = named(spans, 'process nexus.agent.{agentId}');
    expect(sends).toHaveLength(agentIds.length);
    expect(handled).toHaveLength(agentIds.length);
    for (const agentId of agentIds) {
      const subject = `nexus.agent.${agentId}`;
      const sent = sends.find(({ attributes }) => attributes['messaging.destination.name'] === subject);
      expect(sent).toMatchObject({
        service: 'nexus-coordinator',
        kind: 'client',
        parentSpanId: served!.spanId,
        attributes: { 'messaging.message.conversation_id': reply.coordinationId },
      });
      expect(handled.find(({ instanceId }) => instanceId === agentId)).toMatchObject({
        service: 'nexus-agent',
        kind: 'consumer',
        parentSpanId: sent!.spanId,
        attributes: {
          'messaging.destination.name': subject,
          'messaging.message.conversation_id': reply.coordinationId,
          'nexus.agent.id': agentId,
          'nexus.message.kind': 'gather',
        },
      });
    }
  });

  it('with one message for a group: all who handle it hang below', async () => {
    const { traceId } = await inRoot('group', async (span) => {
      await client.gather({ group: 'traced' });
      return span.spanContext();
    });
    const spans = await traceOf(traceId, 2 + groupSpans);
    const [sent, ...more] = named(spans, 'send nexus.group.{group}');
    expect(more).toEqual([]);
    expect(sent).toMatchObject({ service: 'nexus-coordinator', kind: 'client' });
    const handled = spans.filter(({ service }) => service === 'nexus-agent');
    expect(handled.map(({ instanceId }) => instanceId).toSorted()).toEqual([...agentIds].toSorted());
    for (const { parentSpanId } of handled) expect(parentSpanId).toBe(sent!.spanId);
  });

  it('for shared work: the counter in Redis, and every unit', async () => {
    const requests = Array.from({ length: 5 }, (_, index) => ({ id: `u${index}` }));
    const { traceId } = await inRoot('share', async (span) => {
      await client.loadBalance({ group: 'traced' }, { requests });
      return span.spanContext();
    });
    // share, send, process; claim, counter, complete; send and process a unit.
    const spans = await traceOf(traceId, 3 + 3 + 2 * requests.length);
    const [served] = named(spans, 'process nexus.coordinate');
    expect(spans.filter(isRedis).map(({ parentSpanId }) => parentSpanId)).toEqual(
      Array.from({ length: 3 }, () => served!.spanId),
    );
    const sends = named(spans, 'send nexus.agent.{agentId}').map(({ spanId }) => spanId);
    const parents = named(spans, 'process nexus.agent.{agentId}').map(({ parentSpanId }) => parentSpanId!);
    expect(sends).toHaveLength(requests.length);
    expect(parents.sort()).toEqual(sends.sort());
  });

  it('however many run at once: each has its own commands in Redis', async () => {
    const traceIds = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        inRoot(`work ${index}`, async (span) => {
          await client.gather({ ids: [agentIds[0]!] }, {}, { requestId: `at-once-${index}` });
          return span.spanContext().traceId;
        }),
      ),
    );
    for (const traceId of traceIds) {
      const spans = await traceOf(traceId, 3 + 2 + 2);
      const [served] = named(spans, 'process nexus.coordinate');
      expect(spans.filter(isRedis).map(({ parentSpanId }) => parentSpanId)).toEqual(
        Array.from({ length: 2 }, () => served!.spanId),
      );
    }
  });

  it('for an assignment: the client, the coordinator, and the counter in Redis', async () => {
    const { traceId } = await inRoot('assign', async (span) => {
      // Nobody has asked for numbers of these before: there is no block that they could come from.
      await client.assign({ agents: { ids: agentIds }, count: 3 });
      return span.spanContext();
    });
    const spans = await traceOf(traceId, 4);
    const [asked] = named(spans, 'send nexus.routing.assign');
    const [served] = named(spans, 'process nexus.routing.assign');
    expect(served).toMatchObject({ service: 'nexus-coordinator', parentSpanId: asked!.spanId });
    const [counted, ...others] = spans.filter(isRedis);
    expect(others).toEqual([]);
    expect(counted).toMatchObject({ service: 'nexus-coordinator', parentSpanId: served!.spanId });
  });

  it('that says what failed, and where', async () => {
    const failing = await connect({ servers: stack.natsUrl });
    const fleet = new ScriptedFleet(failing);
    await fleet.join('faulty', ({ refuse }) => refuse('internal', 'out of ink'), { groups: ['faulty'] });
    const { traceId } = await inRoot('fail', async (span) => {
      await client.gather({ group: 'faulty' });
      await client.gather({ group: 'nobody' }).catch(() => undefined);
      return span.spanContext();
    });
    const spans = await traceOf(traceId, 1 + 2 * 2 + 1 + 4);
    const [sent] = named(spans, 'send nexus.agent.{agentId}');
    expect(sent).toMatchObject({
      status: 'error',
      statusMessage: 'out of ink',
      attributes: { 'error.type': 'internal' },
    });
    const served = named(spans, 'process nexus.coordinate');
    expect(served.map(({ attributes }) => attributes['error.type'])).toEqual([undefined, 'not_found']);
    await failing.close();
  });
});

/** Served, sent once to the group, handled by each. */
const groupSpans = 1 + 1 + agentIds.length;

describe('the caller’s traceparent', () => {
  const ask = async (traceparent?: string) => {
    const nats = await connect({ servers: stack.natsUrl });
    const goal = { type: 'gather' };
    const reply = await nats.request(
      'nexus.coordinate',
      JSON.stringify({ agents: { group: 'traced' }, goal }),
      { timeout: 10_000, headers: headersOf(traceparent === undefined ? {} : { traceparent }) },
    );
    await nats.close();
    return reply.json<{ traceId: string; result: { responses: { data: { traceId: string } }[] } }>();
  };
  const seenByAgents = ({ result }: Awaited<ReturnType<typeof ask>>) => [
    ...new Set(result.responses.map(({ data }) => data.traceId)),
  ];
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const spanId = 'b7ad6b7169203331';

  it('is carried on when it comes from a client that is none of ours', async () => {
    const reply = await ask(`00-${traceId}-${spanId}-01`);
    expect(reply.traceId).toBe(traceId);
    const spans = await traceOf(traceId, groupSpans);
    expect(named(spans, 'process nexus.coordinate')).toMatchObject([{ parentSpanId: spanId }]);
    expect(seenByAgents(reply)).toEqual([traceId]);
  });

  it('brings its tracestate along, as far as the agents', async () => {
    const nats = await connect({ servers: stack.natsUrl });
    try {
      const fleet = new ScriptedFleet(nats);
      await fleet.join('stateful', ({ answer }) => answer(null), { groups: ['stateful'] });
      const tracestate = 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7';
      const request = { agents: { group: 'stateful' }, goal: { type: 'gather' } };
      const marks = { traceparent: `00-${traceId}-${spanId}-01`, tracestate };
      expect((await fleet.coordinate(request, marks)).status).toBe('complete');
      const [asked, ...more] = fleet.to('stateful');
      expect(more).toEqual([]);
      expect(asked?.message.headers?.get('tracestate')).toBe(tracestate);
      expect(asked?.message.headers?.get('traceparent')).toMatch(
        new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`),
      );
    } finally {
      await nats.close();
    }
  });

  it('that is not sampled is carried on, and nothing is exported', async () => {
    const unsampled = traceId.replace('0af7', '1bf8');
    const reply = await ask(`00-${unsampled}-${spanId}-00`);
    expect(reply.traceId).toBe(unsampled);
    expect(seenByAgents(reply)).toEqual([unsampled]);
    // A sampled request behind it: when its spans are there, those of the first would be too.
    const marker = await ask();
    await traceOf(marker.traceId, groupSpans);
    expect(receiver.spans(unsampled)).toEqual([]);
  });

  it('may be absent: the reply names the trace that was begun', async () => {
    const reply = await ask();
    const spans = await traceOf(reply.traceId, groupSpans);
    expect(named(spans, 'process nexus.coordinate')).toMatchObject([
      { parentSpanId: undefined, service: 'nexus-coordinator' },
    ]);
    expect(seenByAgents(reply)).toEqual([reply.traceId]);
  });

  it.each(['nonsense', '00-00000000000000000000000000000000-b7ad6b7169203331-01', 'ff-x', ''])(
    'that is malformed (%j) is as if it were absent',
    async (traceparent) => {
      const reply = await ask(traceparent);
      expect(reply.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      const spans = await traceOf(reply.traceId, groupSpans);
      expect(named(spans, 'process nexus.coordinate')).toMatchObject([{ parentSpanId: undefined }]);
    },
  );
});

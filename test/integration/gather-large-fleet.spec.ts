import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Agent, NexusClient } from '@nexus/sdk';
import { eventually, gate, startTestStack, type TestStack } from '@nexus/testing';
import { type Body, type Script, ScriptedFleet } from './support/scripted-fleet.js';
import { ServiceFigures } from './support/service-figures.js';

const fleetSize = 1_000;
const idOf = (index: number) => `agent-${String(index).padStart(4, '0')}`;
const ids = Array.from({ length: fleetSize }, (_, index) => idOf(index));

interface Question {
  /** Every tenth agent never answers. */
  readonly silentTenth?: boolean;
  readonly padding?: number;
}

/** Every tenth is no agent of the SDK, which would answer for a silent handler that its time is up. */
const isBare = (index: number) => index % 10 === 3;

let stack: TestStack;
let nats: NatsConnection;
let client: NexusClient;
const agents: Agent[] = [];

const all = { group: 'thousand' };

const answerOf = (index: number, { padding = 0 }: Question) => ({
  value: index,
  ...(padding > 0 && { padding: 'x'.repeat(padding) }),
});

/** Sends no heartbeats: it is silent for less than its time to live. */
function joinBare(fleet: ScriptedFleet, index: number): Promise<string> {
  const script: Script = ({ body, answer }) => {
    const question = (body['payload'] ?? {}) as Question;
    if (!question.silentTenth) answer(body['kind'] === 'gather' ? answerOf(index, question) : null);
  };
  return fleet.join(idOf(index), script, { groups: ['thousand'] });
}

beforeAll(async () => {
  // The fleet is too large for short beats beside everything else in this one process.
  stack = await startTestStack({
    env: { NEXUS_AGENT_HEARTBEAT_MS: '20000', NEXUS_AGENT_TTL_MS: '600000' },
  });
  const connection = await stack.connect('fleet');
  nats = await connect({ servers: stack.natsUrl });
  const bare = new ScriptedFleet(nats);
  const started = ids.map(async (agentId, index) => {
    if (isBare(index)) {
      await joinBare(bare, index);
      return;
    }
    const handlers = {
      gather: ({ payload }: { payload?: unknown }) => answerOf(index, payload ?? {}),
      broadcast: () => null,
    };
    agents.push(await Agent.start({ connection, agentId, groups: ['thousand'], handlers }));
  });
  await Promise.all(started);
  client = await NexusClient.connect({ connection: await stack.connect('client') });
}, 120_000);

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close({ drainTimeoutMs: 500 })));
  await nats?.close();
  await stack?.stop();
}, 60_000);

describe('a fleet of 1,000 agents', () => {
  it('answers a gather in full, with the right mean', async () => {
    const reply = await client.gather(all, { aggregate: 'mean', field: '/value', timeoutMs: 20_000 });
    expect(reply.status).toBe('complete');
    expect(reply.performance.agents).toBe(fleetSize);
    expect(reply.result).toMatchObject({ missing: [], failed: [], aggregate: 499.5, sampleSize: fleetSize });
    expect(reply.result.responses).toEqual(
      ids.map((agentId, index) => ({ agentId, data: { value: index } })),
    );
  });

  it('counts every answer once in a histogram', async () => {
    const { result } = await client.gather(all, {
      aggregate: 'histogram',
      field: '/value',
      timeoutMs: 20_000,
    });
    const histogram = result.aggregate as {
      min: number;
      max: number;
      buckets: { from: number; to: number; count: number }[];
    };
    expect(histogram).toMatchObject({ min: 0, max: fleetSize - 1 });
    expect(histogram.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(fleetSize);
    const last = histogram.buckets.length - 1;
    histogram.buckets.forEach(({ from, to, count }, bucket) => {
      const within = ids.filter((_, value) => value >= from && (bucket === last ? value <= to : value < to));
      expect(count).toBe(within.length);
    });
  });

  it('acknowledges a broadcast one by one', async () => {
    const { status, result } = await client.broadcast(all, { delivery: 'acknowledged', timeoutMs: 20_000 });
    expect(status).toBe('complete');
    expect(result).toEqual({
      targeted: fleetSize,
      delivered: fleetSize,
      acknowledged: fleetSize,
      failed: [],
      missing: [],
    });
  });

  it('answers at the deadline when a tenth is silent, and names exactly those', async () => {
    const timeoutMs = 2_500;
    const goal = { payload: { silentTenth: true }, timeoutMs };
    // More patient than the bound, so that it is the reply that says how long it took.
    const reply = await client.gather(all, goal, { timeoutMs: 30_000 });
    expect(reply.status).toBe('partial');
    expect(reply.result.missing).toEqual(ids.filter((_, index) => isBare(index)));
    expect(reply.result.failed).toEqual([]);
    expect(reply.result.responses.map(({ agentId }) => agentId)).toEqual(
      ids.filter((_, index) => !isBare(index)),
    );
    expect(reply.performance.durationMs).toBeGreaterThanOrEqual(timeoutMs - 1);
    expect(reply.performance.durationMs).toBeLessThan(timeoutMs + 2_000);
  });

  it('sends what exceeds one message in parts, whose lists the end leaves empty', async () => {
    const goal = { type: 'gather', payload: { padding: 2_000 }, timeoutMs: 20_000 };
    const messages = await new ScriptedFleet(nats).conversation({ agents: all, goal });
    const parts = messages.slice(0, -1).map((message) => message.json<Body>());
    const bytesMax = Math.max(...messages.map(({ data }) => data.length));
    const final = messages.at(-1)!;
    expect(final.headers?.get('Nexus-Part')).toBe('final');
    expect(final.headers?.get('Nexus-Lists')).toBe('split');
    const reply = final.json<Body>();
    expect(reply).toMatchObject({ status: 'complete', result: { responses: [], missing: [], failed: [] } });
    expect(bytesMax).toBeLessThanOrEqual(nats.info!.max_payload);
    expect(parts.length).toBeGreaterThan(1);
    const responses = parts.flatMap((part) => {
      expect(part['coordinationId']).toBe(reply['coordinationId']);
      return (part['part'] as { responses: { agentId: string; data: { padding: string } }[] }).responses;
    });
    expect(responses.map(({ agentId }) => agentId)).toEqual(ids);
    expect(responses.every(({ data }) => data.padding.length === 2_000)).toBe(true);
  });

  it('is joined again by the SDK', async () => {
    const goal = { payload: { padding: 2_000 }, timeoutMs: 20_000 };
    const { status, result } = await client.gather(all, goal);
    expect(status).toBe('complete');
    expect(result.responses.map(({ agentId }) => agentId)).toEqual(ids);
    expect(JSON.stringify(result).length).toBeGreaterThan(nats.info!.max_payload);
  });

  it('streams every answer once, then the whole', async () => {
    const stream = client.stream({ agents: all, goal: { type: 'gather', timeoutMs: 20_000 } });
    const streamed: string[] = [];
    for await (const { part } of stream) {
      streamed.push(...(part.responses ?? []).map(({ agentId }) => agentId));
    }
    expect(streamed.sort()).toEqual(ids);
    const { status, result } = await stream.final;
    expect(status).toBe('complete');
    expect(result.responses).toHaveLength(fleetSize);
  });

  it('counts answers that come after the deadline', async () => {
    const fleet = new ScriptedFleet(nats);
    const figures = new ServiceFigures(nats, 'nexus-coordinator', 1);
    const replied = gate();
    const late = Array.from({ length: 10 }, (_, index) => `late-${index}`);
    for (const agentId of late) {
      await fleet.join(agentId, ({ answer: send }) => void replied.opened.then(() => send(1)), {
        groups: ['late'],
      });
    }
    const before = await figures.dropped('lateAnswers');
    const goal = { type: 'gather', timeoutMs: 300 };
    const { status, result } = await fleet.coordinate({ agents: { group: 'late' }, goal });
    expect(status).toBe('failed');
    expect(result).toMatchObject({ responses: [], missing: late });
    replied.open();
    await eventually(
      'ten late answers',
      async () => (await figures.dropped('lateAnswers')) === before + late.length,
    );
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NexusClient, type NexusClientOptions } from '@nexus/sdk';
import { sampleReply, startTestServers, type TestServers } from '@nexus/testing';
import { type Body } from '../support/scripted-fleet.js';

let servers: TestServers;
let nats: NatsConnection;
let goals: Body[] = [];
const clients: NexusClient[] = [];
const sender = 'coordinator-1.life0001';

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  nats = await connect({ servers: servers.natsUrl });
  nats.subscribe('nexus.coordinate', {
    callback: (_error, message) => {
      const { goal } = message.json<{ goal: Body }>();
      goals.push(goal);
      const result = {
        targeted: 1,
        delivered: 1,
        failed: [],
        missing: [],
        frontiers: { all: { [sender]: goals.length } },
      };
      message.respond(JSON.stringify(sampleReply('broadcast', result)));
    },
  });
  await nats.flush();
});

afterEach(async () => {
  goals = [];
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

afterAll(async () => {
  await nats.close();
  await servers.stop();
});

async function connected(options: Pick<NexusClientOptions, 'carryFrontiers'> = {}): Promise<NexusClient> {
  const client = await NexusClient.connect({ servers: servers.natsUrl, ...options });
  clients.push(client);
  return client;
}

const all = { all: true } as const;
const causal = { ordering: 'causal' } as const;

describe('NexusClient: causal broadcasts', () => {
  it('come after what earlier ones had seen', async () => {
    const client = await connected();
    const { result } = await client.broadcast(all, causal);
    expect(result.frontiers).toEqual({ all: { [sender]: 1 } });
    await client.broadcast(all, causal);
    await client.broadcast(all, causal);
    expect(goals.map(({ after }) => after)).toEqual([
      undefined,
      { all: { [sender]: 1 } },
      { all: { [sender]: 2 } },
    ]);
    expect(client.frontiers).toEqual({ all: { [sender]: 3 } });
  });

  it('come after what the caller names, where it names something', async () => {
    const client = await connected();
    await client.broadcast(all, causal);
    await client.broadcast(all, { ...causal, after: {} });
    expect(goals[1]!['after']).toEqual({});
  });

  it('come after nothing when told so, and what is not causal never does', async () => {
    const client = await connected({ carryFrontiers: false });
    await client.broadcast(all, causal);
    await client.broadcast(all, causal);
    const other = await connected();
    await other.broadcast(all);
    await other.broadcast(all);
    expect(goals.map(({ after }) => after)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { RedisConnection } from '@nexus/platform/redis';
import { startTestStack, type TestStack } from '@nexus/testing';
import { ScriptedFleet } from './support/scripted-fleet.js';

let stack: TestStack;
let nats: NatsConnection;
let redis: RedisConnection;

beforeAll(async () => {
  stack = await startTestStack();
  nats = await connect({ servers: stack.natsUrl });
  redis = RedisConnection.open({ url: stack.redisUrl, prefix: 'nexus', name: 'thief' });
  await redis.whenConnected(5_000);
});

afterAll(async () => {
  await redis?.close();
  await nats?.close();
  await stack?.stop();
});

it('a request finds every registered agent although the word of a change was lost', async () => {
  const fleet = new ScriptedFleet(nats);
  // A number that nobody tells of: the writer died, or gave up waiting, between the change and its announcement.
  await redis.run((client) => client.hincrby('{nexus}:routes:table', 'version', 1));
  const ids = Array.from({ length: 20 }, (_, index) => `late-${String(index).padStart(2, '0')}`);
  await Promise.all(ids.map((id) => fleet.join(id, ({ answer }) => answer(1), { groups: ['late'] })));
  const { status, result } = await fleet.coordinate({
    agents: { group: 'late' },
    goal: { type: 'gather', timeoutMs: 10_000 },
  });
  expect(status).toBe('complete');
  const { responses } = result as { responses: { agentId: string }[] };
  expect(responses.map(({ agentId }) => agentId)).toEqual(ids);
});

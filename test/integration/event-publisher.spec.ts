import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { agentIdSchema } from '@nexus/contracts';
import { Drops, EventPublisher } from '@nexus/platform/nats';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { Connection } from '@nexus/wire';

let servers: TestServers;
let connection: Connection;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  connection = await Connection.open({ servers: servers.natsUrl, name: 'events' });
});

afterAll(async () => {
  await connection.close();
  await servers.stop();
});

it('drops and counts events during an outage, and publishes again after it', async () => {
  const drops = new Drops();
  const events = new EventPublisher(connection, 'nexus', drops);
  const left = {
    agentId: agentIdSchema.parse('a-1'),
    reason: 'left',
    at: '2026-01-01T00:00:00.000Z',
  } as const;
  const heard: string[] = [];
  connection.subscribe('nexus.events.>', ({ subject }) => heard.push(subject));
  servers.nats.kill('SIGKILL');
  await eventually('the outage is noticed', () => !connection.connected);
  events.publish('agent.left', left);
  expect(drops.undeliveredEvent).toBe(1);
  await servers.nats.restart();
  await connection.whenConnected(15_000);
  events.publish('agent.left', left);
  await eventually('the event', () => heard.length > 0);
  expect(heard).toEqual(['nexus.events.agent.left']);
  expect(drops.undeliveredEvent).toBe(1);
});

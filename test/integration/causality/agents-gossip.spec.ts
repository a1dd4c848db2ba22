import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MeshMember } from '@nexus/mesh';
import { Agent, Connection } from '@nexus/sdk';
import { eventually, startTestServers, type TestServers } from '@nexus/testing';
import { FakeRouting } from '../sdk/fake-routing.js';

let servers: TestServers;
let routing: FakeRouting;
let connection: Connection;
let service: MeshMember;

const vitals = () => ({ cpu: 0, memory: 0, loopLagMs: 0 });

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  routing = await FakeRouting.start(servers.natsUrl, 5_000);
  connection = await Connection.open({ servers: servers.natsUrl, name: 'mesh of a service' });
  const self = { id: 'gossip-1', kind: 'service', service: 'gossip' } as const;
  service = await MeshMember.start({ connection, prefix: 'nexus', self, vitals });
});

afterAll(async () => {
  await service.leave();
  await connection.close();
  await routing.nats.close();
  await servers.stop();
});

const seen = (member: MeshMember, id: string) =>
  member.members().find(({ memberId, status }) => memberId === id && status === 'alive');

describe('Agent: gossip', () => {
  it('becomes a member with one option, on a connection of its own, and leaves with notice', async () => {
    const agent = await Agent.start({
      servers: servers.natsUrl,
      agentId: 'member-1',
      handlers: {},
      gossip: true,
    });
    const member = await eventually('the agent, as the service sees it', () => seen(service, 'member-1'));
    expect(member).toMatchObject({ kind: 'agent' });
    await eventually('the service, as the agent sees it', () => seen(agent.mesh!, 'gossip-1'));
    agent.mesh!.put('shift', { until: 18 });
    await eventually('its key', () => service.get('member-1', 'shift') !== undefined);
    expect(service.get('member-1', 'shift')).toEqual({ until: 18 });
    await agent.close();
    await eventually('its farewell', () => seen(service, 'member-1') === undefined);
  });

  it('shares a connection that it is given, and leaves it open', async () => {
    const agent = await Agent.start({
      connection,
      agentId: 'member-2',
      handlers: {},
      gossip: { connection },
    });
    await eventually('the agent', () => seen(service, 'member-2'));
    await agent.close();
    expect(connection.connected).toBe(true);
  });

  it('beats as often as it is told to, which is to be as often as the services', async () => {
    const start = (roundMs: number) =>
      Agent.start({
        servers: servers.natsUrl,
        agentId: 'member-3',
        handlers: {},
        gossip: { roundMs },
      });
    for (const roundMs of [0, 19, 0.5, 60_001, NaN]) {
      await expect(start(roundMs)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
    const rounds = (agent: Agent) => agent.mesh!.stats().roundsSent;
    const slow = await Agent.start({ connection, agentId: 'member-4', handlers: {}, gossip: { connection } });
    const fast = await start(20);
    await eventually('ten rounds of the fast one', () => rounds(fast) > rounds(slow) + 10);
    await fast.close();
    await slow.close();
  });

  it('is no member without the option, and needs a connection for it', async () => {
    const plain = await Agent.start({ connection, agentId: 'plain-1', handlers: {} });
    expect(plain.mesh).toBeUndefined();
    await plain.close();
    const starting = Agent.start({ connection, agentId: 'plain-2', handlers: {}, gossip: true });
    await expect(starting).rejects.toMatchObject({ code: 'invalid_argument' });
    expect(routing.farewells).toContain('plain-2');
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { Agent, type Connection, NexusClient } from '@nexus/sdk';
import { eventually } from '@nexus/testing';
import { DirectScene, dispatchMany, doneOf, echo } from './scene.js';

let scene: DirectScene | undefined;
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  await scene?.stop();
  scene = undefined;
});

async function sceneWith(...options: Parameters<typeof DirectScene.start>): Promise<DirectScene> {
  scene = await DirectScene.start(...options);
  return scene;
}

const viaOf = async (client: NexusClient, group: string) => (await client.dispatch({ group }, 1)).via;
const stale = { env: { NEXUS_DIRECT_STALE_AFTER_MS: '1500' } };

describe('work that a client sends straight to agents', () => {
  it('goes on without any coordinator for as long as what was heard holds, and no longer', async () => {
    const { scripted, fleet, ...rest } = await sceneWithAgent({
      env: { NEXUS_DIRECT_POLICY_TTL_MS: '2000' },
    });
    const client = await rest.direct();
    expect(await viaOf(client, 'workers')).toBe('direct');
    await scripted.stack.coordinators[0]!.close();
    const before = fleet.deliveries.length;
    const done = doneOf(await dispatchMany(client, 'workers', 100));
    expect(done.map(({ via }) => via)).toEqual(Array(100).fill('direct'));
    expect(fleet.deliveries).toHaveLength(before + 100);
    // There is nobody to ask: then that is what is said.
    await eventually('the end of the policy', async () => {
      const outcome = await client
        .dispatch({ group: 'workers' }, 1, { timeoutMs: 200 })
        .catch((error: unknown) => error);
      return (outcome as { code?: string }).code === 'unavailable';
    });
  });

  it('goes through a coordinator when nobody confirms the route table, and straight again when somebody does', async () => {
    const { scripted, ...rest } = await sceneWithAgent(stale);
    const client = await rest.direct();
    expect(await viaOf(client, 'workers')).toBe('direct');
    await scripted.stack.routings[0]!.close();
    await eventually('a coordinator does it', async () => (await viaOf(client, 'workers')) === 'coordinator');
    const done = doneOf(await dispatchMany(client, 'workers', 20));
    expect(done.map(({ via }) => via)).toEqual(Array(20).fill('coordinator'));
    await expect(client.whenDirect(50)).rejects.toMatchObject({ code: 'unavailable', message: /stale/ });
  });

  it('goes through a coordinator where the deployment wants that', async () => {
    const { ...rest } = await sceneWithAgent({ env: { NEXUS_DIRECT_DISPATCH: 'off' } });
    const client = await rest.client({ direct: true });
    expect(await viaOf(client, 'workers')).toBe('coordinator');
    await expect(client.whenDirect(500)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('has what a coordinator would refuse refused by one', async () => {
    const { ...rest } = await sceneWithAgent();
    const client = await rest.direct();
    const group = 'workers';
    const refused = (work: Promise<unknown>, code: string) => expect(work).rejects.toMatchObject({ code });
    await refused(client.dispatch({ group: 'nobody' }, 1), 'not_found');
    await refused(client.dispatch({ group, all: true }, 1), 'invalid_argument');
    await refused(client.dispatch({ group }, 1, { timeoutMs: 10_000_000 }), 'invalid_argument');
    await refused(client.dispatch({ group }, 1, { timeoutMs: 0.5 }), 'invalid_argument');
    await refused(client.dispatch({ group }, 1, { affinity: '' }), 'invalid_argument');
    await refused(client.dispatch({ group }, 'x'.repeat(300_000)), 'payload_too_large');
    await refused(client.dispatch({ group }, nested(40)), 'invalid_argument');
    const circle: Record<string, unknown> = {};
    circle['itself'] = circle;
    await refused(client.dispatch({ group }, circle), 'invalid_argument');
    expect(await viaOf(client, group)).toBe('direct');
  });

  it('goes through a coordinator where the broker lets nobody else publish to agents', async () => {
    const natsConfig = `
authorization {
  users: [
    { user: "all", password: "all" }
    { user: "narrow", password: "narrow", permissions: { publish: { deny: "nexus.agent.>" } } }
  ]
}
no_auth_user: "all"
`;
    const { scripted } = await sceneWithAgent({ natsConfig });
    const client = await NexusClient.connect({
      servers: scripted.stack.natsUrl,
      auth: { user: 'narrow', pass: 'narrow' },
      direct: true,
    });
    opened.push(client);
    await client.whenDirect(10_000);
    const done = doneOf(await dispatchMany(client, 'workers', 20));
    expect(done.map(({ via }) => via)).toEqual(Array(20).fill('coordinator'));
    await expect(client.whenDirect(50)).rejects.toMatchObject({ message: /the broker refuses/ });
  });
});

describe('agents that die with work that a client sent them', () => {
  it('have it done by others, each unit once', async () => {
    const env = { NEXUS_AGENT_TTL_MS: '600', NEXUS_AGENT_HEARTBEAT_MS: '100' };
    const made = await sceneWith({ env });
    const { scripted } = made;
    const ran: number[] = [];
    const connections: Connection[] = [];
    for (const agentId of ['a', 'b', 'c', 'd']) {
      const connection = await scripted.stack.connect(agentId);
      connections.push(connection);
      const task = async ({ payload }: { payload: unknown }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        // Two of them never come to an end.
        if (agentId === 'a' || agentId === 'b') await new Promise(() => undefined);
        ran.push((payload as { index: number }).index);
        return agentId;
      };
      const agent = await Agent.start({
        connection,
        agentId,
        groups: ['mortal'],
        maxConcurrency: 8,
        handlers: { task },
      });
      opened.push({ close: () => agent.close({ drainTimeoutMs: 0 }) });
    }
    const client = await made.direct();
    await eventually('all four are known', async () => {
      const { routes } = (await scripted.fleet.request('nexus.routing.routes', {})) as { routes: unknown[] };
      return routes.length === 4;
    });
    const work = dispatchMany(client, 'mortal', 200, { algorithm: 'round_robin', timeoutMs: 30_000 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    // As a kill does: no farewell, and nothing that is still to be sent.
    for (const connection of connections.slice(0, 2)) await connection.nats.close();
    const done = doneOf(await work);
    expect(done).toHaveLength(200);
    expect(done.every(({ via, agentId }) => via === 'direct' && ['c', 'd'].includes(agentId))).toBe(true);
    expect(done.some(({ attempts }) => attempts > 1)).toBe(true);
    expect(ran.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 200 }, (_, index) => index),
    );
  });
});

async function sceneWithAgent(...options: Parameters<typeof DirectScene.start>) {
  const made = await sceneWith(...options);
  await made.fleet.join('worker', echo, { groups: ['workers'] });
  return {
    scripted: made.scripted,
    fleet: made.fleet,
    client: (given: Parameters<DirectScene['client']>[0]) => made.client(given),
    direct: async () => {
      const client = await made.direct();
      await eventually('the agent is known', async () => (await viaOf(client, 'workers')) === 'direct');
      return client;
    },
  };
}

function nested(levels: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

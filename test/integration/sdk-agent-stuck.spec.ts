import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, type AgentEvent, type AgentOptions } from '@nexus/sdk';
import { eventually, gate, startTestServers, type TestServers } from '@nexus/testing';
import { FakeRouting } from './sdk/fake-routing.js';

let servers: TestServers;
let routing: FakeRouting;
const agents: Agent[] = [];

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  routing = await FakeRouting.start(servers.natsUrl);
});

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close({ drainTimeoutMs: 50 })));
});

afterAll(async () => {
  await routing.nats.close();
  await servers.stop();
});

async function startAgent(options: Pick<AgentOptions, 'handlers' | 'maxConcurrency' | 'onEvent'>) {
  const agentId = `stuck-${agents.length}`;
  const agent = await Agent.start({ servers: servers.natsUrl, agentId, ...options });
  agents.push(agent);
  /** Asks with a budget, and waits longer for the answer. */
  const send = (kind: string, budgetMs = 5_000) =>
    routing.send(`nexus.agent.${agentId}`, { kind, payload: null, budgetMs }, 5_000);
  return { agent, send };
}

describe('Agent: a handler that does not end', () => {
  it('answers in its place when the budget is used up, and works on what comes then', async () => {
    const { opened, open } = gate();
    const events: AgentEvent[] = [];
    const { agent, send } = await startAgent({
      maxConcurrency: 2,
      handlers: { task: () => opened, gather: () => 'alive' },
      onEvent: (event) => events.push(event),
    });
    const late = { ok: false, error: { code: 'deadline_exceeded' } };
    expect(await send('task', 30)).toMatchObject(late);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'handler_failed' }));
    await eventually('it counts as stuck', () => agent.stats.stuck === 1);
    expect(agent.load().active).toBe(1);
    expect(await send('gather')).toMatchObject({ ok: true, data: 'alive' });
    open();
    await eventually('it has ended', () => agent.stats.stuck === 0);
    expect(agent.load().active).toBe(0);
  });

  it('turns work away while as many are stuck as may run at once', async () => {
    const { opened, open } = gate();
    const { agent, send } = await startAgent({
      maxConcurrency: 1,
      handlers: { task: () => opened, gather: () => 'alive' },
    });
    const first = send('task', 30);
    const waiting = send('gather');
    expect(await first).toMatchObject({ error: { code: 'deadline_exceeded' } });
    expect(await waiting).toMatchObject({ error: { code: 'overloaded' } });
    expect(await send('gather')).toMatchObject({ error: { code: 'overloaded' } });
    open();
    await eventually('it has ended', () => agent.stats.stuck === 0);
    expect(await send('gather')).toMatchObject({ ok: true });
  });

  it('does not take a handler for stuck that ends when it is told to', async () => {
    const { agent, send } = await startAgent({
      maxConcurrency: 1,
      handlers: {
        task: ({ signal }) =>
          new Promise((resolve) => signal.addEventListener('abort', () => setImmediate(resolve))),
        gather: () => agent.stats.stuck,
      },
    });
    const first = send('task', 30);
    const waiting = send('gather');
    expect(await first).toMatchObject({ error: { code: 'deadline_exceeded' } });
    expect(await waiting).toMatchObject({ ok: true, data: 0 });
  });

  it('drops what waits beyond its budget, whoever holds its turn', async () => {
    const { opened, open } = gate();
    const { agent, send } = await startAgent({ maxConcurrency: 1, handlers: { task: () => opened } });
    const first = send('task');
    const hasty = [send('task', 20), send('task', 20)].map((sent) => sent.catch(() => 'silence'));
    await eventually('both are dropped', () => agent.stats.expired === 2, 4_000);
    expect(agent.load()).toMatchObject({ active: 1, queueDepth: 0 });
    open();
    await first;
    expect(await Promise.all(hasty)).toEqual(['silence', 'silence']);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RequestError } from '@nats-io/transport-node';
import { Agent, type AgentEvent, type AgentOptions } from '@nexus/sdk';
import { eventually, gate, startTestServers, type TestServers } from '@nexus/testing';
import { FakeRouting } from './sdk/fake-routing.js';

let servers: TestServers;
let routing: FakeRouting;
const agents: Agent[] = [];
let giveUp = new AbortController();
let nextId = 0;

beforeAll(async () => {
  servers = await startTestServers({ nats: true });
  routing = await FakeRouting.start(servers.natsUrl);
});

afterEach(async () => {
  giveUp.abort();
  giveUp = new AbortController();
  routing.refuse = () => undefined;
  routing.retryAfterMs = undefined;
  await Promise.all(agents.splice(0).map((agent) => agent.close({ drainTimeoutMs: 100 })));
});

afterAll(async () => {
  await routing.nats.close();
  await servers.stop();
});

const silence = (error: unknown) =>
  error instanceof RequestError && error.isNoResponders() ? 'nobody listens' : 'no answer';

/** An agent that is not started yet, and what it does. */
function newcomer(options: Pick<AgentOptions, 'maxConcurrency'> = {}) {
  const agentId = `standing-${nextId++}`;
  const events: AgentEvent[] = [];
  const worked: unknown[] = [];
  const { opened, open } = gate();
  const start = async () => {
    const agent = await Agent.start({
      ...options,
      servers: servers.natsUrl,
      agentId,
      signal: giveUp.signal,
      handlers: { task: ({ payload }) => worked.push(payload), gather: () => opened },
      onEvent: (event) => events.push(event),
    });
    agents.push(agent);
    return agent;
  };
  const send = (payload: string, kind = 'task') =>
    routing.send(`nexus.agent.${agentId}`, { kind, payload }).catch(silence);
  const dropped = () => events.filter((event) => event.kind === 'message_dropped');
  const refusals = () => events.filter((event) => event.kind === 'registration_failed');
  return { agentId, events, worked, open, start, send, dropped, refusals };
}

describe('Agent: an id that another process holds', () => {
  it('works on what comes before the answer of routing once it is registered, not earlier', async () => {
    const { start, send, worked } = newcomer();
    let early: Promise<unknown> | undefined;
    routing.refuse = () => void (early ??= send('early'));
    await start();
    expect(await early).toMatchObject({ ok: true });
    expect(worked).toEqual(['early']);
  });

  it('drops what came before it was refused', async () => {
    const { start, send, worked, dropped } = newcomer();
    const silent: Promise<unknown>[] = [];
    routing.refuse = () => {
      silent.push(send('of another'));
      return silent.length < 3 ? 'conflict' : undefined;
    };
    const agent = await start();
    expect(await silent[2]).toMatchObject({ ok: true });
    expect(worked).toEqual(['of another']);
    expect(dropped()).toMatchObject([{ reason: 'not_registered' }, { reason: 'not_registered' }]);
    expect(agent.stats).toMatchObject({ received: 3, notRegistered: 2 });
  });

  it('does not listen while it waits for its turn to ask again', async () => {
    const { agentId, start, send, worked, refusals } = newcomer();
    routing.tokens.set(agentId, 'of another');
    routing.retryAfterMs = 1_000;
    const starting = start();
    await eventually('it is refused', () => refusals().length > 0);
    expect(await send('of another')).toBe('nobody listens');
    routing.tokens.delete(agentId);
    await starting;
    expect(await send('its own')).toMatchObject({ ok: true });
    expect(worked).toEqual(['its own']);
  });

  it('stops when its registration is taken over, until it is registered again', async () => {
    const { agentId, start, send, worked, open, dropped, refusals } = newcomer({ maxConcurrency: 1 });
    const agent = await start();
    const running = send('running', 'gather');
    void send('waiting');
    await eventually('one waits', () => agent.load().queueDepth === 1);
    routing.tokens.set(agentId, 'of another');
    await eventually('it hears of it', () => dropped().length === 1);
    open();
    expect(await running).toMatchObject({ ok: true });
    await eventually('nobody listens', async () => (await send('of another')) === 'nobody listens');
    await eventually('it asked again', () => refusals().length > 0);
    expect(agent.registered).toBe(false);
    expect(worked).toEqual([]);
    routing.tokens.delete(agentId);
    await eventually('it is registered again', () => agent.stats.registrations === 2);
    expect(await send('its own')).toMatchObject({ ok: true });
    expect(worked).toEqual(['its own']);
  });
});

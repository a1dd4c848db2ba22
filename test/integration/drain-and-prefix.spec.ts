import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Agent, NexusClient } from '@nexus/sdk';
import { eventually, startTestStack, type TestStack } from '@nexus/testing';

describe('a deployment with settings of its own', () => {
  let stack: TestStack | undefined;
  let nats: NatsConnection | undefined;

  afterEach(async () => {
    await nats?.close();
    await stack?.stop();
    stack = undefined;
    nats = undefined;
  });

  it('lives under its prefix, and not under another', async () => {
    stack = await startTestStack({ env: { NEXUS_PREFIX: 'blue' } });
    const connection = await stack.connect();
    const agent = await Agent.start({
      connection,
      prefix: 'blue',
      agentId: 'a1',
      groups: ['g'],
      handlers: { gather: () => 'here' },
    });
    const client = await NexusClient.connect({ connection, prefix: 'blue' });
    const { result } = await client.gather({ group: 'g' });
    expect(result.responses).toEqual([{ agentId: 'a1', data: 'here' }]);
    const stranger = await NexusClient.connect({ connection, retry: false });
    await expect(stranger.gather({ group: 'g' })).rejects.toMatchObject({ code: 'unavailable' });
    await agent.close();
  });

  it('refuses a request over its own limit', async () => {
    stack = await startTestStack({ env: { NEXUS_REQUEST_BYTES_MAX: '2048' } });
    nats = await connect({ servers: stack.natsUrl });
    const body = JSON.stringify({
      agents: { all: true },
      goal: { type: 'gather', payload: 'x'.repeat(3_000) },
    });
    const reply = await nats.request('nexus.coordinate', body, { timeout: 5_000 });
    expect(reply.json()).toMatchObject({ error: { code: 'payload_too_large' } });
  });

  it('answers what it cannot finish before it ends', async () => {
    stack = await startTestStack({ env: { NEXUS_DRAIN_TIMEOUT_MS: '200' } });
    nats = await connect({ servers: stack.natsUrl });
    let asked = false;
    nats.subscribe('nexus.agent.silent', {
      callback: () => {
        asked = true;
      },
    });
    await nats.request('nexus.agents.register.silent', '{}', { timeout: 5_000 });
    const pending = nats.request(
      'nexus.coordinate',
      JSON.stringify({ agents: { ids: ['silent'] }, goal: { type: 'gather', timeoutMs: 60_000 } }),
      { timeout: 20_000 },
    );
    await eventually('the agent is asked', () => asked);
    const closing = stack.coordinators[0]!.close();
    expect((await pending).json()).toMatchObject({ error: { code: 'unavailable', retryable: true } });
    await closing;
  });

  it('calls the outcome of a proposal unknown that it cannot finish before it ends', async () => {
    stack = await startTestStack({ replicas: 3, env: { NEXUS_DRAIN_TIMEOUT_MS: '200' } });
    nats = await connect({ servers: stack.natsUrl });
    const [kept, ...others] = stack.replicas;
    await Promise.all(others.map((replica) => replica.close()));
    const command = { type: 'put', key: 'k', value: 1 };
    const pending = nats.request('nexus.consensus.propose', JSON.stringify({ command, timeoutMs: 60_000 }), {
      timeout: 30_000,
    });
    // What arrives on one connection is taken in order: once this is answered, the proposal is under way.
    await nats.request('nexus.consensus.consensus-1.status', '{}', { timeout: 10_000 });
    const closing = kept!.close();
    expect((await pending).json()).toMatchObject({ error: { code: 'unknown', retryable: false } });
    await closing;
  });
});

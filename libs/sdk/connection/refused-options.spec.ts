import { describe, expect, it } from '@jest/globals';
import { Agent } from '../agent/agent.js';
import { NexusClient } from '../client/nexus-client.js';

// Nobody listens there: whoever tried to connect first would find that out instead.
const nowhere = { servers: 'nats://127.0.0.1:1', connectTimeoutMs: 50 };
const refusal = (path: string) =>
  expect.objectContaining({ code: 'invalid_argument', details: [expect.objectContaining({ path })] });

describe('options that would widen a subject are refused before a connection is opened', () => {
  it.each([
    ['agentId', { agentId: 'a.b' }],
    ['group', { groups: ['workers', '*'] }],
    ['prefix', { prefix: 'a b' }],
  ])('%s of an agent', async (path, options) => {
    const started = Agent.start({ ...nowhere, agentId: 'a', handlers: {}, ...options });
    await expect(started).rejects.toEqual(refusal(path));
  });

  it.each([
    ['userId', { userId: '>' }],
    ['prefix', { prefix: '' }],
  ])('%s of a client', async (path, options) => {
    await expect(NexusClient.connect({ ...nowhere, ...options })).rejects.toEqual(refusal(path));
  });
});

import { describe, expect, it } from '@jest/globals';
import { endpoints, NexusError } from '@nexus/contracts';
import { EndpointStats } from './endpoint-stats.js';

describe('EndpointStats', () => {
  it('counts requests and time, and errors with the last of them', () => {
    const stats = new EndpointStats(endpoints.agentsGet, 'nexus.agents.get', 'routing');
    stats.record(1.5);
    stats.record(0.25, new NexusError('not_found', 'no agent a'));
    stats.record(0.25, new NexusError('overloaded', 'full'));
    stats.record(1);
    expect(stats).toMatchObject({
      requests: 4,
      errors: 2,
      lastError: '429:full',
      processingNs: 3_000_000,
    });
  });
});

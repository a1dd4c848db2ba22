import { describe, expect, it } from '@jest/globals';
import { limits, parse, proposeRequestSchema } from '@nexus/contracts';
import { type Caller } from '@nexus/wire';
import { DecisionLogClient } from './decision-log-client.js';
import { Lease } from './lease.js';

/** A client whose requests are read as the service does; each is answered as if it gave a lease. */
function clientOf(retriesMax: number) {
  const timesMs: number[] = [];
  const call = (_endpoint: unknown, _parameters: unknown, body: unknown) => {
    timesMs.push(parse(proposeRequestSchema, body, 'the proposal').timeoutMs);
    return Promise.resolve({ index: 1, term: 1, version: 1, fencingToken: 1 });
  };
  const client = new DecisionLogClient({
    caller: { call: call as unknown as Caller['call'] },
    retry: { retriesMax, baseMs: 1, capMs: 1 },
  });
  return { client, timesMs };
}

describe('the time that a proposal may take', () => {
  it.each([0, 3])(
    'is one that the service takes, however long the caller waits; %i repeats',
    async (retries) => {
      const { client, timesMs } = clientOf(retries);
      await client.propose({ type: 'put', key: 'k', value: 1 }, { timeoutMs: 24 * 3_600_000 });
      expect(timesMs).toHaveLength(1);
    },
  );

  it('is not that of the lease that is asked for, which may be long', async () => {
    const { client, timesMs } = clientOf(3);
    const lease = await Lease.acquire(client, 'printer', { ttlMs: limits.leaseTtlMsMax });
    expect(lease.remainingMs).toBeGreaterThan(limits.leaseTtlMsMax / 2);
    expect(timesMs[0]).toBeLessThan(limits.proposalTimeoutMsDefault);
    await lease.release();
  });
});

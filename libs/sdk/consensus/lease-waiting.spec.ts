import { describe, expect, it } from '@jest/globals';
import { type CommandInput } from '@nexus/contracts';
import { eventually, InMemoryDecisionLog } from '@nexus/testing';
import { type Caller } from '@nexus/wire';
import { DecisionLogClient } from './decision-log-client.js';
import { Lease } from './lease.js';

interface Asked {
  readonly requestId: string;
  readonly command: CommandInput;
}

/** A client whose requests reach a log in memory under the ids that they would have on the wire. */
function clientOf(log: InMemoryDecisionLog) {
  const asked: Asked[] = [];
  const call = (_endpoint: unknown, _parameters: unknown, body: Asked) => {
    asked.push(body);
    return log.propose(body.command, { requestId: body.requestId });
  };
  const client = new DecisionLogClient({ caller: { call: call as unknown as Caller['call'] } });
  return { client, asked };
}

describe('a lease that is waited for', () => {
  it('is asked for under a new request id each time: the log remembers the refusal under the old one', async () => {
    const log = new InMemoryDecisionLog();
    const { client, asked } = clientOf(log);
    const { fencingToken } = await log.propose({
      type: 'lease.acquire',
      resource: 'r',
      owner: 'a',
      ttlMs: 60_000,
    });
    const waiting = Lease.acquire(client, 'r', { owner: 'b', waitMs: 30_000 });
    await eventually('three tries', () => asked.length >= 3);
    await log.propose({ type: 'lease.release', resource: 'r', owner: 'a' });
    const lease = await waiting;
    expect(lease.fencingToken).toBeGreaterThan(fencingToken ?? 0);
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(asked.length);
    await lease.release();
  });
});

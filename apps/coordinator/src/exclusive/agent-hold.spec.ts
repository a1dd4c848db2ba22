import { beforeEach, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { eventually, InMemoryDecisionLog } from '@nexus/testing';
import { Deadline } from '../coordination/deadline.js';
import { AgentHold } from './agent-hold.js';

let log: InMemoryDecisionLog;

beforeEach(() => {
  log = new InMemoryDecisionLog();
});

const acquire = (ttlMsMax: number) =>
  AgentHold.acquire(['a', 'b'], { log, owner: 'c-1', deadline: new Deadline(60_000), ttlMsMax });

const renewals = () => log.commands.filter(({ type }) => type === 'lease.renew').length;
const runOut = expect.objectContaining({ code: 'conflict' }) as unknown as NexusError;

describe('AgentHold', () => {
  it('renews its leases as long as it is held, under the same tokens', async () => {
    const hold = await acquire(1_500);
    const tokens = [hold.tokenOf('a'), hold.tokenOf('b')];
    await eventually('two rounds of renewals', () => renewals() >= 4);
    expect([hold.tokenOf('a'), hold.tokenOf('b')]).toEqual(tokens);
    await hold.release();
  });

  it('hands out no token once a lease has run out by its own clock, though the log has not noticed', async () => {
    const hold = await acquire(200);
    log.down = new NexusError('unavailable', 'no quorum');
    await eventually('the lease has run out', () => {
      try {
        return hold.tokenOf('a') === 0;
      } catch {
        return true;
      }
    });
    expect(() => hold.tokenOf('a')).toThrow(runOut);
    log.down = undefined;
    expect(await log.readLease('agent.a')).toMatchObject({ owner: 'c-1' });
    await hold.release();
  });

  it('hands out no token for an agent that the log has given to another', async () => {
    const hold = await acquire(600);
    log.nowMs += 1_000;
    await log.propose({ type: 'lease.acquire', resource: 'agent.a', owner: 'c-2', ttlMs: 60_000 });
    await eventually('the loss is noticed', () => renewals() >= 2);
    await eventually('no token', () => {
      try {
        return hold.tokenOf('a') === 0;
      } catch {
        return true;
      }
    });
    await hold.release();
    expect(await log.readLease('agent.a')).toMatchObject({ owner: 'c-2' });
  });
});

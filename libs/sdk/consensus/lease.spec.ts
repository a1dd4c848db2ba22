import { beforeEach, describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { eventually, InMemoryDecisionLog } from '@nexus/testing';
import { Lease } from './lease.js';

let log: InMemoryDecisionLog;

beforeEach(() => {
  log = new InMemoryDecisionLog();
});

const renewals = () => log.commands.filter(({ type }) => type === 'lease.renew').length;

describe('Lease', () => {
  it('is held with a token, and free again once it is released', async () => {
    const lease = await Lease.acquire(log, 'printer');
    expect(lease).toMatchObject({ resource: 'printer', fencingToken: 1, held: true });
    expect(await log.readLease('printer')).toMatchObject({ owner: lease.owner, fencingToken: 1 });
    await lease.release();
    await lease.release();
    expect(lease).toMatchObject({ held: false, remainingMs: 0 });
    expect(lease.signal.aborted).toBe(false);
    expect(await log.readLease('printer')).toMatchObject({ owner: null });
  });

  it('is refused at once while another holds it', async () => {
    const lease = await Lease.acquire(log, 'printer');
    await expect(Lease.acquire(log, 'printer')).rejects.toMatchObject({ code: 'conflict' });
    await lease.release();
  });

  it('is waited for, and comes with a greater token', async () => {
    const first = await Lease.acquire(log, 'printer');
    const waiting = Lease.acquire(log, 'printer', { waitMs: 30_000 });
    await eventually('the second has tried', () => log.commands.length >= 2);
    await first.release();
    const second = await waiting;
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
    await second.release();
  });

  it('is not waited for once the caller has given up', async () => {
    const first = await Lease.acquire(log, 'printer');
    const givenUp = new AbortController();
    const waiting = Lease.acquire(log, 'printer', { waitMs: 30_000, signal: givenUp.signal });
    givenUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'conflict' });
    await first.release();
  });

  it('is renewed as long as it is held, and not after', async () => {
    const lease = await Lease.acquire(log, 'printer', { ttlMs: 1_500 });
    await eventually('two renewals', () => renewals() >= 2);
    expect(lease.held).toBe(true);
    await lease.release();
    const after = renewals();
    await Lease.acquire(log, 'other', { ttlMs: 1_500 }).then(async (other) => {
      await eventually('the other is renewed', () => renewals() >= after + 2);
      await other.release();
    });
    const renewed = log.commands.filter((each) => each.type === 'lease.renew' && each.resource === 'printer');
    expect(renewed.length).toBe(after);
  });

  it('is lost, and says so, when the log has given it to another', async () => {
    const lease = await Lease.acquire(log, 'printer', { ttlMs: 300 });
    log.nowMs += 1_000;
    await log.propose({ type: 'lease.acquire', resource: 'printer', owner: 'another', ttlMs: 60_000 });
    await eventually('the loss', () => lease.signal.aborted);
    expect(lease.signal.reason).toMatchObject({ code: 'conflict' });
    expect(lease.held).toBe(false);
  });

  it('ends by the clock of its holder when the log does not answer', async () => {
    const lease = await Lease.acquire(log, 'printer', { ttlMs: 300 });
    log.down = new NexusError('unavailable', 'no quorum');
    await eventually('the loss', () => lease.signal.aborted);
    expect(lease.remainingMs).toBe(0);
    // The log does not know yet: we were the first to give it up.
    log.down = undefined;
    expect(await log.readLease('printer')).toMatchObject({ owner: lease.owner });
  });

  it('outlives a log that is away for a moment', async () => {
    const lease = await Lease.acquire(log, 'printer', { ttlMs: 3_000 });
    log.unheard = new NexusError('unknown', 'the leader is gone');
    await eventually('a renewal after the one that failed', () => renewals() >= 2);
    expect(lease.held).toBe(true);
    await lease.release();
  });
});

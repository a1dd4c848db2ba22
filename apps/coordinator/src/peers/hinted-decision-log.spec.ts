import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { InMemoryDecisionLog } from '@nexus/testing';
import { HintedDecisionLog } from './hinted-decision-log.js';

const options = { timeoutMs: 100 };

function scene(since: number | undefined, tryEveryMs = 60_000) {
  const log = new InMemoryDecisionLog();
  let reads = 0;
  const counted = {
    propose: log.propose.bind(log),
    readLease: log.readLease.bind(log),
    read: (key: string) => {
      reads += 1;
      return log.read(key);
    },
  };
  const health = { since, missingSince: () => health.since };
  return {
    ...{ log, health },
    asked: () => reads,
    hinted: new HintedDecisionLog({ log: counted, health, patienceMs: 1_000, tryEveryMs }),
  };
}

const long = () => performance.now() - 10_000;

describe('the decision log with hints', () => {
  it('is asked while gossip knows a replica, knows nothing, or has just lost the last', async () => {
    for (const since of [undefined, performance.now()]) {
      const { hinted } = scene(since);
      await expect(hinted.read('k', options)).resolves.toMatchObject({ version: 0 });
    }
  });

  it('fails at once while gossip knows no replica, and says when to come again', async () => {
    const { hinted, log, asked } = scene(long());
    log.down = new NexusError('unavailable', 'nobody serves');
    await expect(hinted.read('k', options)).rejects.toMatchObject({ message: 'nobody serves' });
    await expect(hinted.read('k', options)).rejects.toMatchObject({
      code: 'unavailable',
      retryAfterMs: expect.any(Number),
      message: expect.stringContaining('no replica of the decision log is known to be alive'),
    });
    expect(asked()).toBe(1);
  });

  it('is tried all the same now and then', async () => {
    const { hinted, log, asked } = scene(long(), 0);
    log.down = new NexusError('unavailable', 'nobody serves');
    for (let tries = 0; tries < 3; tries += 1) {
      await expect(hinted.read('k', options)).rejects.toMatchObject({ message: 'nobody serves' });
    }
    expect(asked()).toBe(3);
  });

  it('is asked by everybody again once it answered against the hint, until gossip loses it anew', async () => {
    const { hinted, health, log } = scene(long());
    await hinted.read('k', options);
    await expect(hinted.read('k', options)).resolves.toMatchObject({ version: 0 });
    health.since = long();
    log.down = new NexusError('unavailable', 'nobody serves');
    await expect(hinted.read('k', options)).rejects.toMatchObject({
      message: expect.stringContaining('no replica'),
    });
  });

  it('takes a refusal for an answer', async () => {
    const { hinted } = scene(long());
    const put = { type: 'put', key: 'k', value: 1, expectedVersion: 7 } as const;
    await expect(hinted.propose(put, options)).rejects.toMatchObject({ code: 'conflict' });
    await expect(hinted.read('k', options)).resolves.toMatchObject({ version: 0 });
  });
});

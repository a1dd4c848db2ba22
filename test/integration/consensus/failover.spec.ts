import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsensusGroup } from './consensus-group.js';

let group: ConsensusGroup;
afterEach(() => group.stop());

describe('when the leader is gone', () => {
  it('the others elect one, and requests under way end there', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb' });
    await group.propose({ type: 'put', key: 'before', value: 1 });
    const dead = await group.leader();
    const { term } = await group.status();

    // Asked before, while and after the leader goes; each is applied exactly once.
    const counted = Array.from({ length: 60 }, async (_, n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 10));
      return group.propose({ type: 'put', key: `n.${n}`, value: n, expectedVersion: 0 });
    });
    const answers = Promise.allSettled(counted);
    await group.crashReplica(dead);
    const settled = await answers;

    // Who asked the dead one itself may hear nothing but `unknown`, or nothing at all; never that it was refused.
    for (const answer of settled) {
      if (answer.status === 'rejected')
        expect(String(answer.reason)).toMatch(/unknown|no responders|timeout/i);
    }
    const status = await group.status();
    expect(status.term).toBeGreaterThan(term);
    expect(status.silent).toEqual([dead]);
    for (const [n, answer] of settled.entries()) {
      if (answer.status !== 'fulfilled') continue;
      expect(await group.read({ key: `n.${n}` })).toMatchObject({ value: n, version: answer.value.version });
    }
    expect(await group.read({ key: 'before' })).toMatchObject({ value: 1 });

    await group.startReplica(dead);
    const back = await group.settled();
    expect(back.replicas.map(({ replicaId }) => replicaId)).toEqual(['c1', 'c2', 'c3']);
  });

  it('hands over when it is asked to end, before it ends', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    const ended = await group.leader();
    const { term } = await group.status();
    const events: { leader: string | null; term: number }[] = [];
    group.nats.subscribe('nexus.events.leader.changed', {
      callback: (_error, message) => void events.push(message.json()),
    });
    await group.nats.flush();
    await group.stopReplica(ended);
    const after = await group.settled(2);
    expect(after).toMatchObject({ term: term + 1 });
    expect(after.leader).not.toBe(ended);
    expect(events).toEqual([expect.objectContaining({ leader: after.leader, term: term + 1 })]);
  });

  it('commits nothing without a majority, and says so', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb' });
    const [one, two] = [await group.leader(), await group.follower()];
    await group.crashReplica(one);
    await group.crashReplica(two);
    const command = { type: 'put', key: 'lonely', value: 1 };
    await expect(group.propose(command, { timeoutMs: 1_500 })).rejects.toMatchObject({
      fault: { code: expect.stringMatching(/^(unavailable|unknown)$/) },
    });
    // The leader is known to be gone by now: it certainly was not proposed.
    await expect(group.propose(command, { timeoutMs: 500 })).rejects.toMatchObject({
      fault: { code: 'unavailable' },
    });
    await group.startReplica(one);
    await group.startReplica(two);
    await group.settled();
    await group.propose({ type: 'put', key: 'together', value: 1 });
  });
});

describe('a group that is started again', () => {
  it('knows what it knew, and its members', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', timing: 'lan' });
    const lease = await group.propose({ type: 'lease.acquire', resource: 'gpu', owner: 'x', ttlMs: 600_000 });
    await group.propose({ type: 'decide', key: 'who', value: 'a' }, { requestId: 'r-1' });
    const before = await group.settled();
    await group.stopReplicas();
    for (const name of group.names) await group.startReplica(name);
    const after = await group.settled();
    const stores = ({ replicas }: typeof after) => replicas.map(({ storeId }) => storeId);
    expect(stores(after)).toEqual(stores(before));
    expect(after.term).toBeGreaterThan(before.term);
    expect(await group.read({ resource: 'gpu' })).toMatchObject({
      owner: 'x',
      fencingToken: lease.fencingToken,
    });
    const again = await group.propose({ type: 'decide', key: 'who', value: 'a' }, { requestId: 'r-1' });
    expect(again).toMatchObject({ value: 'a' });
    expect(again.index).toBeLessThan(after.replicas[0]?.appliedIndex ?? 0);
  });

  it('refuses a folder that another process holds', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', timing: 'lan', replicas: ['c1'] });
    await expect(group.startReplica('c1')).rejects.toMatchObject({ code: 'conflict' });
  });
});

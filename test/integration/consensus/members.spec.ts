import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@nexus/testing';
import { ConsensusGroup } from './consensus-group.js';

let group: ConsensusGroup;
afterEach(() => group.stop());

/** Makes more entries than stay in the log, so that who joins needs an image of the state. */
const compacting = {
  NEXUS_CONSENSUS_SNAPSHOT_ENTRIES: '100',
  NEXUS_CONSENSUS_ENTRIES_RETAINED: '10',
};

async function putMany(count: number): Promise<void> {
  const puts = Array.from({ length: count }, (_, n) =>
    group.propose({ type: 'put', key: `many.${n}`, value: n }),
  );
  await Promise.all(puts);
}

const isVoting = (name: string) =>
  eventually(`${name} votes`, async () => {
    const status = await group.status();
    const replica = status.replicas.find(({ replicaId }) => replicaId === name);
    return (
      replica !== undefined &&
      replica.role !== 'joining' &&
      replica.members.learners.length === 0 &&
      replica.members.voters.includes(replica.replicaId) &&
      replica.appliedIndex === Math.max(...status.replicas.map(({ appliedIndex }) => appliedIndex)) &&
      status
    );
  });

describe('members', () => {
  it('are added as learners that vote once they have caught up, and removed', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', timing: 'lan', env: compacting });
    await putMany(300);
    await group.startReplica('c4');
    const changes: unknown[] = [];
    group.nats.subscribe('nexus.events.members.changed', {
      callback: (_error, message) => void changes.push(message.json<{ members: unknown }>().members),
    });
    await eventually('c4 asks to join', async () => {
      const { replicas } = await group.status();
      const c4 = await group.statusOf('c4');
      return (
        c4.role === 'joining' && replicas.some(({ newcomers }) => newcomers.some((name) => name === 'c4'))
      );
    });
    const added = await group.request('consensus.members.add', { replicaId: 'c4' });
    expect(added).toMatchObject({ members: { voters: ['c1', 'c2', 'c3', 'c4'], learners: [] } });
    await isVoting('c4');
    const read = await group.request('consensus.c4.read', { key: 'many.299', consistency: 'local' });
    expect(read).toMatchObject({ value: 299 });
    expect((await group.statusOf('c4')).snapshotIndex).toBeGreaterThan(0);
    // What is so already is done.
    expect(await group.request('consensus.members.add', { replicaId: 'c4' })).toMatchObject({
      members: added['members'],
    });

    const removed = await group.request('consensus.members.remove', { replicaId: 'c4' });
    expect(removed).toMatchObject({ members: { voters: ['c1', 'c2', 'c3'], learners: [] } });
    await eventually(
      'c4 knows that it is no member',
      async () => (await group.statusOf('c4')).role === 'joining',
    );
    const { term } = await group.status();
    await putMany(20);
    expect(await group.status()).toMatchObject({ term });
    expect(changes).toEqual([
      { voters: ['c1', 'c2', 'c3'], learners: ['c4'] },
      { voters: ['c1', 'c2', 'c3', 'c4'], learners: [] },
      { voters: ['c1', 'c2', 'c3'], learners: [] },
    ]);
    // The same log may come back.
    await group.request('consensus.members.add', { replicaId: 'c4' });
    await isVoting('c4');
  });

  it('refuse what cannot be meant', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    expect(await group.fault('consensus.members.add', { replicaId: 'nobody' })).toMatchObject({
      code: 'not_found',
    });
    expect(await group.fault('consensus.members.remove', { replicaId: 'nobody' })).toMatchObject({
      code: 'not_found',
    });
    expect(await group.fault('consensus.transfer', { to: 'nobody' })).toMatchObject({ code: 'not_found' });
  });

  it('lose their leader when it is the one to be removed, and go on', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    const leader = await group.leader();
    await group.request('consensus.members.remove', { replicaId: leader });
    const after = await eventually('another one leads', async () => {
      const status = await group.status();
      return status.leader !== null && status.leader !== leader && status;
    });
    expect(after.leader).not.toBe(leader);
    await group.propose({ type: 'put', key: 'a', value: 1 });
  });

  it('can keep a single one, which is its own majority', async () => {
    group = await ConsensusGroup.start({ replicas: ['c1'], storage: 'lmdb' });
    await group.propose({ type: 'put', key: 'a', value: 1 });
    await group.stopReplica('c1');
    await group.startReplica('c1');
    expect(await group.read({ key: 'a' })).toMatchObject({ value: 1 });
    expect(await group.fault('consensus.transfer', {})).toMatchObject({ code: 'conflict' });
    expect(await group.fault('consensus.members.remove', { replicaId: 'c1' })).toMatchObject({
      code: 'conflict',
    });
  });
});

describe('a replica that lost its log', () => {
  it('comes back as a new member, in the place of what it was', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', env: compacting });
    await putMany(250);
    const lost = await group.follower();
    const { storeId } = await group.statusOf(lost);
    await group.crashReplica(lost);
    await rm(group.directoryOf(lost), { recursive: true });
    await group.startReplica(lost);
    const status = await isVoting(lost);
    const replica = status.replicas.find(({ replicaId }) => replicaId === lost);
    expect(replica?.storeId).not.toBe(storeId);
    expect(replica?.members).toEqual({ voters: ['c1', 'c2', 'c3'], learners: [] });
    const read = await group.request(`consensus.${lost}.read`, { key: 'many.249', consistency: 'local' });
    expect(read).toMatchObject({ value: 249 });
  });
});

describe('leadership', () => {
  it('goes to the replica that is named', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    const to = await group.follower();
    const { term } = await group.status();
    expect(await group.request('consensus.transfer', { to })).toEqual({ leader: to, term: term + 1 });
    expect(await group.request('consensus.transfer', { to })).toEqual({ leader: to, term: term + 1 });
    expect(await group.leader()).toBe(to);
  });
});

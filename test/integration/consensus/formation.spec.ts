import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LmdbLogStore } from '@nexus/platform/log-store';
import { type BootedService } from '@nexus/platform/service';
import { eventually } from '@nexus/testing';
import { ConsensusGroup } from './consensus-group.js';

let group: ConsensusGroup;
const apart: BootedService[] = [];
afterEach(async () => {
  await Promise.all(apart.splice(0).map((service) => service.close()));
  await group.stop();
});

/** As if the variable were not set: a group of itself. */
const startAlone = (name: string) => group.startReplica(name, { NEXUS_CONSENSUS_REPLICAS: name });

const waits = (name: string) =>
  eventually(`${name} waits to be added`, async () => {
    const { leader } = await group.status();
    if (leader === null) return false;
    const { newcomers } = await group.statusOf(leader);
    return (await group.statusOf(name)).role === 'joining' && newcomers.some((newcomer) => newcomer === name);
  });

async function add(name: string): Promise<void> {
  await waits(name);
  await group.request('consensus.members.add', { replicaId: name });
}

const complaint = async ({ checks }: BootedService) => {
  try {
    await checks['replica']?.();
    return '';
  } catch (error) {
    return String(error);
  }
};

describe('a replica whose configuration names it alone', () => {
  it('joins the group that is there', async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    const { leader, term } = await group.settled();
    await startAlone('c4');
    await waits('c4');
    for (let n = 0; n < 30; n += 1) await group.propose({ type: 'put', key: `n.${n}`, value: n });
    expect(await group.statusOf('c4')).toMatchObject({ role: 'joining', termsSeen: 0, commitIndex: 0 });
    expect(await group.statusOf('c1')).toMatchObject({ leader, term });
  });

  it('comes back as a newcomer when the group that it began has grown, and its log is lost', async () => {
    group = await ConsensusGroup.start({ replicas: ['c1'], storage: 'lmdb' });
    await group.propose({ type: 'put', key: 'kept', value: 1 });
    for (const name of ['c2', 'c3']) {
      await startAlone(name);
      await add(name);
    }
    const { storeId } = await group.statusOf('c1');
    await group.crashReplica('c1');
    await rm(group.directoryOf('c1'), { recursive: true });
    await startAlone('c1');
    const back = await eventually('c1 votes again', async () => {
      const status = await group.statusOf('c1');
      return status.members.voters.length === 3 && status.members.learners.length === 0 && status;
    });
    expect(back.storeId).not.toBe(storeId);
    expect(back.members.voters).toEqual(['c1', 'c2', 'c3']);
    const read = await group.request('consensus.c1.read', { key: 'kept', consistency: 'local' });
    expect(read).toMatchObject({ value: 1 });
  });
});

describe('a newcomer', () => {
  it('has the members in the base of its log, though it was sent all entries', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', timing: 'lan' });
    await group.propose({ type: 'put', key: 'a', value: 1 });
    await group.startReplica('c4', { NEXUS_CONSENSUS_SNAPSHOT_ENTRIES: '100' });
    await add('c4');
    await group.settled(4);
    const before = await loadedBy('c4');
    expect(before.snapshot?.configuration.voters.map(nameOf)).toEqual(['c1', 'c2', 'c3']);
    expect(before.snapshot?.index).toBe(1);

    await group.startReplica('c4', { NEXUS_CONSENSUS_SNAPSHOT_ENTRIES: '100' });
    for (let n = 0; n < 120; n += 1) await group.propose({ type: 'put', key: 'a', value: n });
    await eventually('c4 wrote an image', async () => (await group.statusOf('c4')).snapshotIndex > 1);
    await group.stopReplicas();
    await group.startReplica('c4');
    expect(await group.statusOf('c4')).toMatchObject({
      members: { voters: ['c1', 'c2', 'c3', 'c4'], learners: [] },
    });
  });

  const nameOf = (member: string) => member.split('.')[0];

  /** What the replica, which is stopped, has on disk. */
  async function loadedBy(name: string) {
    await group.stopReplica(name);
    const store = await LmdbLogStore.open({ directory: group.directoryOf(name) });
    const loaded = await store.load();
    await store.close();
    return loaded;
  }
});

describe('one member in two processes', () => {
  it('stops in both, says why, and is silent', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', timing: 'lan' });
    const name = await group.follower();
    await group.stopReplica(name);
    const elsewhere = join(group.servers.dataDir, 'elsewhere');
    await cp(group.directoryOf(name), join(elsewhere, name), { recursive: true });
    const original = await group.startReplica(name);
    await group.settled();
    apart.push(original);
    const copy = await group.startReplica(name, { NEXUS_CONSENSUS_DATA_DIR: elsewhere });
    for (const service of [original, copy]) {
      await eventually('it stopped', async () =>
        (await complaint(service)).includes('its folder was copied'),
      );
    }
    expect(group.failures.get(name)).toMatchObject({ code: 'conflict' });

    const heard: string[] = [];
    group.nats.subscribe('nexus.int.consensus.hello', {
      callback: (_error, message) => void heard.push(message.json<{ replicaId: string }>().replicaId),
    });
    await eventually('the others say hello', () => heard.length >= 4);
    expect(heard).not.toContain(name);
    // The others go on.
    await group.propose({ type: 'put', key: 'a', value: 1 });
  });
});

describe('two groups under one prefix', () => {
  it('stop when they meet', async () => {
    group = await ConsensusGroup.start({ storage: 'lmdb', replicas: ['c1'] });
    await group.stopReplica('c1');
    // Nobody was there to tell it better.
    const second = await startAlone('d1');
    await eventually('a second group', async () => (await complaint(second)) === '');
    const first = await startAlone('c1');
    for (const service of [first, second]) {
      await eventually('it stopped', async () =>
        (await complaint(service)).includes('two groups are led under one prefix'),
      );
    }
    expect(group.failures.get('d1')).toMatchObject({ code: 'conflict' });
  });
});

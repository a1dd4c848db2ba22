import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConsensusGroup } from './consensus-group.js';

describe('the subjects of one replica', () => {
  let group: ConsensusGroup;
  let leader: string;
  let follower: string;

  beforeAll(async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
    leader = await group.leader();
    follower = await group.follower();
  });
  afterAll(() => group.stop());

  it('serve where it leads', async () => {
    const done = await group.request(`consensus.${leader}.propose`, {
      command: { type: 'put', key: 'a', value: 1 },
    });
    expect(done).toMatchObject({ version: done['index'] });
    expect(await group.request(`consensus.${leader}.read`, { key: 'a' })).toMatchObject({ value: 1 });
  });

  it('name the leader, and its subject, where it does not', async () => {
    const propose = await group.fault(`consensus.${follower}.propose`, {
      command: { type: 'put', key: 'a', value: 2 },
    });
    expect(propose).toMatchObject({
      code: 'not_leader',
      leader,
      leaderSubject: `nexus.consensus.${leader}.propose`,
    });
    const read = await group.fault(`consensus.${follower}.read`, { key: 'a' });
    expect(read).toMatchObject({ code: 'not_leader', leaderSubject: `nexus.consensus.${leader}.read` });
    expect(await group.read({ key: 'a' })).toMatchObject({ value: 1 });
  });

  it('read what a follower happens to know, when that is asked for', async () => {
    await group.propose({ type: 'put', key: 'local', value: 'here' });
    await group.settled();
    const reading = await group.request(`consensus.${follower}.read`, { key: 'local', consistency: 'local' });
    expect(reading).toMatchObject({ value: 'here' });
  });

  it('tell how it stands', async () => {
    const status = await group.statusOf(follower);
    expect(status).toMatchObject({
      replicaId: follower,
      role: 'follower',
      leader,
      members: { voters: ['c1', 'c2', 'c3'], learners: [] },
      newcomers: [],
    });
    expect(status.commitIndex).toBeGreaterThan(0);
    const all = await group.status();
    expect(all).toMatchObject({ leader, silent: [] });
    expect(all.replicas.map(({ replicaId }) => replicaId)).toEqual(['c1', 'c2', 'c3']);
  });
});

describe('a request that is repeated', () => {
  let group: ConsensusGroup;

  beforeAll(async () => {
    group = await ConsensusGroup.start({ timing: 'lan' });
  });
  afterAll(() => group.stop());

  it('gets the first outcome again, by its id in the body or in the header', async () => {
    const command = { type: 'put', key: 'once', value: 1 };
    const first = await group.propose(command, { requestId: 'r-1' });
    await group.propose({ type: 'put', key: 'once', value: 2 });
    expect(await group.propose(command, { requestId: 'r-1' })).toEqual(first);
    const marks = { 'Nats-Msg-Id': 'r-1' };
    expect(await group.request('consensus.propose', { command }, marks)).toEqual(first);
    expect(await group.read({ key: 'once' })).toMatchObject({ value: 2 });
  });

  it('gets a refusal again, though it would succeed by now', async () => {
    const command = { type: 'put', key: 'later', value: 1, expectedVersion: 5_000_000 };
    await expect(group.propose(command, { requestId: 'r-2' })).rejects.toMatchObject({
      fault: { code: 'conflict' },
    });
    await expect(group.propose(command, { requestId: 'r-2' })).rejects.toMatchObject({
      fault: { code: 'conflict' },
    });
  });

  it('gets the first outcome again after another replica took over', async () => {
    const command = { type: 'lease.acquire', resource: 'gpu', owner: 'x', ttlMs: 60_000 };
    const first = await group.propose(command, { requestId: 'r-3' });
    const before = await group.leader();
    const { leader } = await group.request('consensus.transfer', {});
    expect(leader).not.toBe(before);
    await group.propose({ type: 'lease.release', resource: 'gpu', owner: 'x' });
    expect(await group.propose(command, { requestId: 'r-3' })).toEqual(first);
    expect(await group.read({ resource: 'gpu' })).toMatchObject({ owner: null });
  });

  it('is refused when body and header disagree', async () => {
    const sent = group.request(
      'consensus.propose',
      { command: { type: 'put', key: 'a', value: 1 }, requestId: 'r-4' },
      { 'Nats-Msg-Id': 'r-5' },
    );
    await expect(sent).rejects.toMatchObject({ fault: { code: 'invalid_argument' } });
  });
});

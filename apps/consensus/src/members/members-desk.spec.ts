import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ReplicaId } from '@nexus/contracts';
import { type MemberId } from '@nexus/core/raft';
import { type Result } from '../gateway/work.js';
import { MembersDesk } from './members-desk.js';
import { Steward } from './steward.js';
import { arrivals } from './testdata/hand-clock.js';
import { InMemoryGroup, type Post } from './testdata/in-memory-group.js';

const replaceAfterMs = 2_000;
const patient = 60_000;

let group: InMemoryGroup;
let stewards: Steward[];

beforeEach(async () => {
  group = await InMemoryGroup.start('a.1', 'b.1', 'c.1');
  stewards = [...group.posts.values()].map((post) => new Steward(post, replaceAfterMs, group.clock));
});

afterEach(async () => {
  for (const steward of stewards) steward.stop();
  await group.stop();
});

const change = (
  kind: 'add' | 'remove',
  replicaId: string,
  { at = group.leader, withinMs = patient } = {},
) => {
  const answers: Result[] = [];
  const request = { replicaId: replicaId as ReplicaId, withinMs };
  new MembersDesk(at)[kind](at.replica, request, (result) => answers.push(result));
  return answers;
};

const answered = (answers: readonly Result[]) => group.until('an answer', () => answers[0]);
const follower = (): Post => group.followers[0]!;

describe('MembersDesk', () => {
  it('answers an addition when the newcomer votes, and once', async () => {
    await group.join('d.1');
    group.hello('d.1');
    const answers = change('add', 'd');
    await answered(answers);
    await group.clock.pass(1_000);
    expect(answers).toMatchObject([{ kind: 'members', members: { voters: ['a', 'b', 'c', 'd'] } }]);
    expect(change('add', 'd')).toMatchObject([{ kind: 'members', members: { learners: [] } }]);
  });

  it('finds nobody to add who did not ask, and nobody to remove who is no member', () => {
    expect(change('add', 'x')).toMatchObject([{ kind: 'failed', code: 'not_found' }]);
    expect(change('remove', 'x')).toMatchObject([{ kind: 'failed', code: 'not_found' }]);
  });

  it('does nothing where it does not lead', () => {
    const refused = [{ kind: 'refused', reason: 'not_leader' }];
    expect(change('add', 'd', { at: follower() })).toEqual(refused);
    expect(change('remove', 'a', { at: follower() })).toEqual(refused);
  });

  it('removes a member, also the one that leads', async () => {
    const { replicaId } = follower();
    expect(await answered(change('remove', replicaId))).toMatchObject({ kind: 'members' });
    const leader = group.leader.replicaId;
    expect(await answered(change('remove', leader))).toMatchObject({ kind: 'members' });
    const next = await group.until('the last one leads', () => {
      const post = group.leading();
      return post?.replicaId !== leader && post;
    });
    expect(await answered(change('remove', next.replicaId, { at: next }))).toMatchObject({
      code: 'conflict',
    });
  });

  it('adds no second member of a name while the first one lives', async () => {
    const { replicaId } = follower();
    await group.join(`${replicaId}.2`);
    group.hello(`${replicaId}.2`);
    const leader = group.leader.replicaId;
    group.hello(`${leader}.2`);
    expect(change('add', replicaId)).toMatchObject([{ kind: 'failed', code: 'conflict' }]);
    expect(change('add', leader)).toMatchObject([{ kind: 'failed', code: 'conflict' }]);
    await group.clock.pass(3_000);
    expect(group.leader.replica.configuration).toEqual({ voters: ['a.1', 'b.1', 'c.1'], learners: [] });
  });

  it('waits until the steward has given the place of a member that is gone to its successor', async () => {
    const { replica, replicaId } = follower();
    group.cut.add(replica.self);
    const successor = `${replicaId}.2` as MemberId;
    await group.join(successor);
    await group.clock.pass(1_200);
    group.hello(successor);
    const answers = change('add', replicaId);
    await answered(answers);
    expect(answers).toMatchObject([{ kind: 'members', members: { voters: ['a', 'b', 'c'], learners: [] } }]);
    expect(group.leader.replica.configuration.voters).toContain(successor);
  });

  it('lets a member that comes back in time keep its place', async () => {
    const { replica, replicaId } = follower();
    group.cut.add(replica.self);
    await group.clock.pass(1_200);
    group.hello(`${replicaId}.2`);
    const answers = change('add', replicaId, { withinMs: 1 });
    await group.clock.pass(200);
    group.cut.delete(replica.self);
    await eventuallyReal(answers);
    expect(answers).toMatchObject([{ kind: 'failed', code: 'unavailable', message: /heard too lately/ }]);
    await group.clock.pass(3_000);
    expect(group.leader.replica.configuration).toEqual({ voters: ['a.1', 'b.1', 'c.1'], learners: [] });
  });

  it('says after its time what it knows: the newcomer learns, or nobody knows', async () => {
    // Hears nothing, so it will never have caught up; that it learns is committed all the same.
    await group.join('d.1');
    group.cut.add('d.1' as MemberId);
    group.hello('d.1');
    const learning = change('add', 'd', { withinMs: 100 });
    await group.clock.pass(100);
    await eventuallyReal(learning);
    expect(learning).toMatchObject([{ kind: 'failed', code: 'unavailable', message: /still catching up/ }]);

    const leader = group.leader;
    for (const { replica } of group.followers) group.cut.add(replica.self);
    await group.join('e.1');
    group.hello('e.1');
    const lost = change('add', 'e', { at: leader, withinMs: 1 });
    await eventuallyReal(lost);
    expect(lost).toEqual([{ kind: 'unknown' }]);
  });

  it('answers once, whatever happens after its time was up', async () => {
    const leader = group.leader;
    for (const { replica } of group.followers) group.cut.add(replica.self);
    group.hello('d.1');
    const answers = change('add', 'd', { at: leader, withinMs: 1 });
    await eventuallyReal(answers);
    // It steps down, and tells whoever waits for the change that nothing is known.
    await group.clock.pass(1_000);
    expect(answers).toEqual([{ kind: 'unknown' }]);
  });
});

/** The time of an answer is the process's own. */
async function eventuallyReal(answers: readonly Result[]): Promise<void> {
  for (let turn = 0; turn < 100_000 && answers.length === 0; turn += 1) await arrivals();
}

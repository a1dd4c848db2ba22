import { describe, expect, it } from '@jest/globals';
import { type MembershipChange } from './configuration.js';
import { changed, Configurations } from './membership.js';
import { Group, id } from './testdata/group.js';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(id) as [ReturnType<typeof id>, ...ReturnType<typeof id>[]];

const change = (group: Group, kind: MembershipChange['kind'], member: number) =>
  group.ask(group.leader.id, { kind: 'change', change: { kind, member: id(member) } });

/** A group of three with a leader, and a newcomer, 4. */
function withNewcomer(): Group {
  const group = new Group({ voters: 3 });
  group.elect(1);
  group.add(id(4), null);
  return group;
}

describe('a configuration', () => {
  it.each<[MembershipChange['kind'], typeof a, string]>([
    ['add_learner', a, 'already_member'],
    ['promote', a, 'already_member'],
    ['promote', d!, 'no_such_member'],
    ['remove', d!, 'no_such_member'],
    ['remove', a, 'last_voter'],
  ])('refuses to %s %s: %s', (kind, member, reason) => {
    expect(changed({ voters: [a], learners: [b!] }, { kind, member })).toBe(reason);
  });

  it('stays sorted, and has nobody twice', () => {
    const added = changed({ voters: [b!], learners: [c!] }, { kind: 'add_learner', member: a });
    expect(added).toEqual({ voters: ['b'], learners: ['a', 'c'] });
    expect(changed(added as never, { kind: 'promote', member: a })).toEqual({
      voters: ['a', 'b'],
      learners: ['c'],
    });
  });

  it('is the last in the log, until that entry goes', () => {
    const only = (member: typeof a) => ({ voters: [member], learners: [] });
    const configurations = new Configurations(0, only(a));
    configurations.append({ kind: 'configuration', index: 3, term: 1, configuration: only(b!) });
    configurations.append({ kind: 'configuration', index: 7, term: 1, configuration: only(c!) });
    expect([configurations.at(2), configurations.at(6), configurations.current]).toEqual(
      [a, b, c].map((m) => only(m!)),
    );
    configurations.truncate(7);
    expect(configurations.current).toEqual(only(b!));
    configurations.compact(5);
    configurations.truncate(1);
    expect(configurations.current).toEqual(only(b!));
  });
});

describe('dissertation §4, R23: membership', () => {
  it('adds a learner, which catches up and then votes', () => {
    const group = withNewcomer();
    for (let at = 0; at < 5; at++) group.propose(1, `x${at}`);
    change(group, 'add_learner', 4);
    group.run(8);
    expect(group.node(4).commands).toEqual(['x0', 'x1', 'x2', 'x3', 'x4']);
    expect(change(group, 'promote', 4).accepted).toHaveLength(1);
    group.run(8);
    expect(group.node(4).raft.configuration).toEqual({ voters: ['1', '2', '3', '4'], learners: [] });
  });

  it('does not count learners, neither for commitment nor for contact nor for elections', () => {
    const group = withNewcomer();
    group.add(id(5), null);
    for (const learner of [4, 5]) {
      change(group, 'add_learner', learner);
      group.run(8);
    }
    // Three of five, but one of three voters.
    group.partition([1, 4, 5], [2], [3]);
    group.propose(1, 'x');
    group.deliver();
    expect(group.node(5).raft.status.lastIndex).toBe(4);
    expect(group.node(1).raft.status.commit).toBe(3);
    group.run(25);
    expect(group.leaders).toEqual([]);
    group.run(100);
    expect(group.leaders).toEqual([]);
    expect(group.node(4).raft.standing.role).toBe('follower');
  });

  it('does not promote a learner that lacks too much', () => {
    const group = withNewcomer();
    change(group, 'add_learner', 4);
    group.link = ({ to }) => to !== id(4);
    group.run(8);
    expect(change(group, 'promote', 4).refused).toMatchObject([{ reason: 'not_caught_up' }]);
  });

  it('makes one change at a time', () => {
    const group = withNewcomer();
    change(group, 'add_learner', 4);
    expect(change(group, 'remove', 3).refused).toMatchObject([{ reason: 'change_pending' }]);
    group.deliver();
    expect(change(group, 'remove', 3).accepted).toHaveLength(1);
  });

  it('makes none before an entry of the term is committed (the correction of 2015)', () => {
    const group = withNewcomer();
    group.link = ({ message }) => message.kind !== 'append_accepted';
    group.node(1).crash();
    group.runUntil(() => group.leaders.length > 0);
    expect(change(group, 'remove', 3).refused).toMatchObject([{ reason: 'change_pending' }]);
  });

  it('uses the new configuration as soon as it is in the log, and the old one when the entry goes', () => {
    const group = withNewcomer();
    group.partition([1], [2, 3]);
    change(group, 'remove', 3);
    expect(group.node(1).raft.configuration.voters).toEqual(['1', '2']);
    group.run(60);
    group.heal();
    group.run(20);
    expect(group.node(1).raft.configuration.voters).toEqual(['1', '2', '3']);
  });

  it('a leader that is removed does not count itself, and is done when that is committed', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = ({ from }) => from !== id(3);
    change(group, 'remove', 1);
    group.deliver();
    // Itself and 2 would be two of three; of the two that remain, 2 alone is no majority.
    expect(group.node(1).raft.standing.role).toBe('leader');
    expect(group.node(1).raft.status.commit).toBe(1);
    group.heal();
    group.run(4);
    expect(group.node(1).raft.standing.role).toBe('follower');
    expect(group.leader.id).not.toBe('1');
    group.run(100);
    expect(group.node(1).raft.standing.role).toBe('follower');
  });

  it('a removed member that never heard of it disturbs nobody', () => {
    const group = new Group({ voters: 4 });
    group.elect(1);
    group.partition([1, 2, 3], [4]);
    change(group, 'remove', 4);
    group.deliver();
    group.heal();
    group.run(200);
    expect(group.node(1).raft.standing).toEqual({ role: 'leader', term: 1, leader: '1' });
  });

  it('a member that an uncommitted entry removes still stands: its log may be the only one (§4.2.2)', () => {
    const group = new Group({ voters: 2 });
    group.elect(1);
    group.link = () => false;
    change(group, 'remove', 1);
    group.deliver();
    group.node(1).crash();
    group.node(1).restart();
    group.heal();
    group.run(120);
    expect(group.node(2).raft.standing.role).toBe('leader');
    expect(group.node(2).raft.configuration.voters).toEqual(['2']);
    expect(group.node(2).raft.status.commit).toBe(group.node(2).raft.status.lastIndex);
  });

  it('grows from one member to three, and shrinks back', () => {
    const group = new Group({ voters: 1 });
    group.run(3);
    for (const name of [2, 3]) {
      group.add(id(name), null);
      change(group, 'add_learner', name);
      group.run(8);
      change(group, 'promote', name);
      group.run(8);
    }
    expect(group.node(3).raft.configuration.voters).toEqual(['1', '2', '3']);
    for (const name of [1, 2]) {
      expect(change(group, 'remove', name).accepted).toHaveLength(1);
      group.run(40);
    }
    expect(group.leader.id).toBe('3');
    group.propose(3, 'x');
    expect(group.node(3).commands).toEqual(['x']);
  });
});

describe('dissertation §3.10, leadership transfer', () => {
  const transfer = (group: Group, to: number | null) =>
    group.ask(group.leader.id, { kind: 'transfer', to: to === null ? null : id(to) });

  it('hands over to the member that is named, without waiting for a time-out', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    transfer(group, 3);
    group.deliver();
    expect(group.leader.raft.standing).toEqual({ role: 'leader', term: 2, leader: '3' });
    expect(group.leaders).toHaveLength(1);
  });

  it('brings the successor up to date first, and accepts nothing meanwhile', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = ({ to, message }) => to !== id(3) || message.kind !== 'append_request';
    group.propose(1, 'x');
    group.deliver();
    transfer(group, 3);
    group.deliver();
    expect(group.leader.id).toBe('1');
    expect(group.propose(1, 'y').refused).toMatchObject([{ reason: 'transferring' }]);
    expect(transfer(group, 2).refused).toMatchObject([{ reason: 'transferring' }]);
    group.heal();
    group.run(8);
    expect(group.leader.id).toBe('3');
    expect(group.leader.commands).toEqual(['x']);
  });

  it('goes on leading when the successor has not taken over after an election time-out', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.node(3).crash();
    transfer(group, 3);
    group.run(19);
    expect(group.propose(1, 'x').refused).toHaveLength(1);
    group.run(1);
    expect(group.propose(1, 'x').accepted).toHaveLength(1);
  });

  it('asks again when the request is lost', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    let lost = 0;
    group.link = ({ message }) => message.kind !== 'timeout_now' || lost++ > 0;
    transfer(group, 3);
    group.run(6);
    expect(group.leader.id).toBe('3');
  });

  it('finds the furthest voter when none is named', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = ({ to }) => to !== id(2);
    group.propose(1, 'x');
    group.deliver();
    transfer(group, null);
    group.heal();
    group.deliver();
    expect(group.leader.id).toBe('3');
  });

  it.each([1, 9])('refuses %d as a successor', (to) => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    expect(transfer(group, to).refused).toMatchObject([{ reason: 'no_such_member' }]);
  });

  it('obeys only the leader of the term', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.tell(3, 2, { kind: 'timeout_now', term: 1 });
    group.tell(3, 1, { kind: 'timeout_now', term: 0 });
    expect(group.node(3).raft.standing).toEqual({ role: 'follower', term: 1, leader: '1' });
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Message } from './message.js';
import { type Effects } from './step.js';
import { appendRequest, Group, id, type Node } from './testdata/group.js';

const voteRequest = (
  term: number,
  more: Partial<Extract<Message, { kind: 'vote_request' }>> = {},
): Message => ({
  kind: 'vote_request',
  term,
  lastIndex: 0,
  lastTerm: 0,
  transfer: false,
  ...more,
});
const heartbeat = (term: number): Message => ({ kind: 'heartbeat', term, commit: 0, round: 0 });
const replies = (effects: Effects) => effects.messages.map(({ message }) => message);
const tick = { kind: 'tick' } as const;

/** Ticks one member, whose messages nobody hears, until it stands. */
function untilItStands(group: Group, name: number): number {
  const node = group.node(name);
  let ticks = 0;
  for (; node.raft.standing.role === 'follower' && ticks < 100; ticks++) group.step(name, tick);
  return ticks;
}

/** Makes a candidate of 1: it stands, and 2 grants its pre-vote. */
function candidate(group: Group): Node {
  untilItStands(group, 1);
  group.tell(1, 2, { kind: 'pre_vote_reply', term: group.node(1).raft.standing.term + 1, granted: true });
  return group.node(1);
}

describe('Raft §5.2, granting votes', () => {
  it('R2: votes once a term, and again for the same candidate', () => {
    const group = new Group({ voters: 3 });
    expect(replies(group.tell(1, 2, voteRequest(1)))).toMatchObject([{ kind: 'vote_reply', granted: true }]);
    expect(replies(group.tell(1, 3, voteRequest(1)))).toMatchObject([{ granted: false }]);
    expect(replies(group.tell(1, 2, voteRequest(1)))).toMatchObject([{ granted: true }]);
  });

  it('R1: lets a vote leave only after the write that holds it, and keeps it over a crash', () => {
    const group = new Group({ voters: 3 });
    const node = group.node(1);
    node.stalled = true;
    const effects = group.tell(1, 2, voteRequest(4));
    expect(effects.write).toMatchObject({ sequence: 1, hardState: { term: 4, votedFor: '2' } });
    expect(effects.messages).toMatchObject([{ afterWrite: 1 }]);
    group.flush(1);
    node.crash();
    node.restart();
    expect(replies(group.tell(1, 3, voteRequest(4)))).toMatchObject([{ granted: false, term: 4 }]);
  });

  it('R1: stores a vote of a term that it had adopted before', () => {
    const group = new Group({ voters: 3 });
    const entries = [{ kind: 'noop', index: 1, term: 1 }] as const;
    group.tell(1, 2, appendRequest(1, [0, 0], entries));
    group.tell(1, 3, voteRequest(2, { transfer: true }));
    const effects = group.tell(1, 2, voteRequest(2, { lastIndex: 1, lastTerm: 1 }));
    expect(effects.write?.hardState).toEqual({ term: 2, votedFor: '2', commit: 0 });
    expect(effects.messages).toMatchObject([
      { afterWrite: effects.write?.sequence, message: { granted: true } },
    ]);
  });

  it('R1: asks for votes only after its own vote is durable, and counts it only then', () => {
    const group = new Group({ voters: 3 });
    const node = group.node(1);
    node.stalled = true;
    candidate(group);
    expect(node.last.write).toMatchObject({ hardState: { term: 1, votedFor: '1' } });
    expect(node.last.messages.map(({ afterWrite }) => afterWrite)).toEqual([1, 1]);
    group.tell(1, 2, { kind: 'vote_reply', term: 1, granted: true });
    expect(node.raft.standing.role).toBe('candidate');
    group.flush(1);
    expect(node.raft.standing.role).toBe('leader');
  });

  it.each([
    ['an older last term', 9, 1, false],
    ['a shorter log of the same term', 1, 2, false],
    ['an equal log', 2, 2, true],
    ['a longer log', 3, 2, true],
    ['a newer last term, though shorter', 1, 3, true],
  ])('R2, §5.4.1: judges a candidate with %s', (_what, lastIndex, lastTerm, granted) => {
    const group = new Group({ voters: 3 });
    const entries = [1, 2].map((index) => ({ kind: 'noop', index, term: index }) as const);
    group.tell(1, 2, appendRequest(2, [0, 0], entries));
    expect(replies(group.tell(1, 3, voteRequest(3, { lastIndex, lastTerm, transfer: true })))).toMatchObject([
      { kind: 'vote_reply', term: 3, granted },
    ]);
  });
});

describe('Raft §5.2, counting votes', () => {
  it('R3: counts one vote a voter, of this term, from members that vote', () => {
    const group = new Group({ voters: 5 });
    untilItStands(group, 1);
    for (const from of [2, 3]) group.tell(1, from, { kind: 'pre_vote_reply', term: 1, granted: true });
    expect(group.node(1).raft.standing).toMatchObject({ role: 'candidate', term: 1 });
    for (const from of [2, 2, 2, 9]) group.tell(1, from, { kind: 'vote_reply', term: 1, granted: true });
    group.tell(1, 3, { kind: 'vote_reply', term: 0, granted: true });
    expect(group.node(1).raft.standing.role).toBe('candidate');
    group.tell(1, 3, { kind: 'vote_reply', term: 1, granted: true });
    expect(group.node(1).raft.standing.role).toBe('leader');
  });

  it('R3: does not count learners', () => {
    const group = new Group({ voters: 0 });
    group.add(id(1), { voters: [id(1), id(2), id(3)], learners: [id(4)] });
    candidate(group);
    group.tell(1, 4, { kind: 'vote_reply', term: 1, granted: true });
    expect(group.node(1).raft.standing.role).toBe('candidate');
    group.tell(1, 2, { kind: 'vote_reply', term: 1, granted: true });
    expect(group.node(1).raft.standing.role).toBe('leader');
  });

  it('R3: does not take pre-votes for votes, nor pre-votes of other terms', () => {
    const group = new Group({ voters: 3 });
    untilItStands(group, 1);
    group.tell(1, 2, { kind: 'pre_vote_reply', term: 7, granted: true });
    expect(group.node(1).raft.standing.role).toBe('pre_candidate');
    group.tell(1, 2, { kind: 'pre_vote_reply', term: 1, granted: true });
    group.tell(1, 3, { kind: 'pre_vote_reply', term: 1, granted: true });
    expect(group.node(1).raft.standing.role).toBe('candidate');
  });

  it('R10: a candidate that a majority refuses is a follower whose vote stays', () => {
    const group = new Group({ voters: 3 });
    candidate(group);
    for (const from of [2, 3]) group.tell(1, from, { kind: 'vote_reply', term: 1, granted: false });
    expect(group.node(1).raft.standing).toMatchObject({ role: 'follower', term: 1 });
    expect(replies(group.tell(1, 2, voteRequest(1)))).toMatchObject([{ granted: false }]);
  });

  it('R6, R10: a candidate follows the leader of its term, and keeps its vote', () => {
    const group = new Group({ voters: 3 });
    const node = candidate(group);
    group.tell(1, 3, heartbeat(1));
    expect(node.raft.standing).toEqual({ role: 'follower', term: 1, leader: '3' });
    expect(node.store.state.hardState).toMatchObject({ term: 1, votedFor: '1' });
  });
});

describe('Raft §5.1, terms', () => {
  const answers: Message[] = [
    { kind: 'vote_reply', term: 9, granted: false },
    { kind: 'append_accepted', term: 9, matchIndex: 0, round: 0 },
    { kind: 'append_rejected', term: 9, prevIndex: 0, conflict: null, lastIndex: 0, round: 0 },
    { kind: 'heartbeat_reply', term: 9, round: 0 },
    { kind: 'snapshot_progress', term: 9, snapshotIndex: 0, nextOffset: 0, round: 0 },
    { kind: 'pre_vote_reply', term: 9, granted: false },
  ];
  it.each(answers.map((answer) => [answer.kind, answer] as const))(
    'R5: a leader that sees a newer term in a %s steps down, adopts it, clears the vote and persists',
    (_kind, answer) => {
      const group = new Group({ voters: 3 });
      group.elect(1);
      const effects = group.tell(1, 2, answer);
      expect(effects.standing).toEqual({ role: 'follower', term: 9, leader: null });
      expect(effects.write?.hardState).toMatchObject({ term: 9, votedFor: null });
    },
  );

  it('answers a deposed leader with the newer term, so that it learns of it', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, heartbeat(5));
    expect(replies(group.tell(1, 3, heartbeat(4)))).toEqual([{ kind: 'heartbeat_reply', term: 5, round: 0 }]);
    expect(group.node(1).raft.standing.leader).toBe('2');
  });

  it('ignores replies of who is no member, newer term or not', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.tell(1, 9, { kind: 'heartbeat_reply', term: 9, round: 0 });
    expect(group.node(1).raft.standing).toMatchObject({ role: 'leader', term: 1 });
  });
});

describe('Raft §5.2, the election timer', () => {
  /** How long 1 still waits after what `happens` at tick 9, when no timer has run out yet. */
  function waitAfter(happens: (group: Group) => void): number {
    const group = new Group({ voters: 3, options: { random: () => 0 } });
    for (let ticks = 0; ticks < 9; ticks++) group.step(1, tick);
    happens(group);
    return untilItStands(group, 1);
  }

  it.each<[string, (group: Group) => void]>([
    ['a heartbeat of the leader', (group) => group.tell(1, 2, heartbeat(1))],
    ['a vote that is granted', (group) => group.tell(1, 2, voteRequest(1))],
  ])('R7: starts again on %s', (_what, happens) => {
    expect(waitAfter(happens)).toBe(10);
  });

  it.each<[string, (group: Group) => void]>([
    ['nothing', () => undefined],
    [
      'a heartbeat of a deposed leader',
      (group) => {
        group.tell(1, 2, heartbeat(3));
        for (let ticks = 0; ticks < 9; ticks++) group.step(1, tick);
        group.tell(1, 3, heartbeat(2));
      },
    ],
    [
      'a pre-vote that is granted',
      (group) => group.tell(1, 2, { kind: 'pre_vote_request', term: 1, lastIndex: 0, lastTerm: 0 }),
    ],
    [
      'a vote that is refused, though its term is newer',
      (group) => {
        const entries = [{ kind: 'noop', index: 1, term: 1 }] as const;
        group.tell(1, 2, appendRequest(1, [0, 0], entries));
        for (let ticks = 0; ticks < 9; ticks++) group.step(1, tick);
        group.tell(1, 3, voteRequest(2, { transfer: true }));
        expect(group.node(1).raft.standing.term).toBe(2);
      },
    ],
  ])('R7: goes on after %s', (_what, happens) => {
    expect(waitAfter(happens)).toBe(1);
  });

  it('R7: is drawn anew each time, from the whole range', () => {
    const group = new Group({ voters: 3 });
    const waits = new Set<number>();
    for (let round = 0; round < 200; round++) {
      group.tell(1, 2, heartbeat(round + 1));
      waits.add(untilItStands(group, 1));
    }
    expect(Math.min(...waits)).toBe(10);
    expect(Math.max(...waits)).toBe(19);
    expect(waits.size).toBe(10);
  });

  it('R8, R9: runs in full after a leader stepped down, and no timer of its leadership is left', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.tell(1, 2, { kind: 'heartbeat_reply', term: 5, round: 0 });
    group.link = () => false;
    const waited = untilItStands(group, 1);
    expect(waited).toBeGreaterThanOrEqual(10);
    expect(waited).toBeLessThan(20);
    const sent = group.node(1).effects.flatMap(({ messages, standing }) => [standing?.term, ...messages]);
    expect(
      sent
        .slice(sent.indexOf(5))
        .filter((what) => typeof what === 'object' && what.message.kind === 'heartbeat'),
    ).toEqual([]);
  });

  it('R7: is drawn anew for a leader that steps down', () => {
    let draw = 0;
    const group = new Group({ voters: 3, options: { random: () => draw } });
    group.elect(1);
    draw = 0.99;
    group.tell(1, 2, { kind: 'heartbeat_reply', term: 5, round: 0 });
    expect(untilItStands(group, 1)).toBe(19);
  });

  it('is judged after what arrived in the same step', () => {
    const group = new Group({ voters: 3, options: { random: () => 0 } });
    for (let ticks = 0; ticks < 9; ticks++) group.step(1, tick);
    const effects = group.step(1, tick, { kind: 'message', from: id(2), message: heartbeat(1) });
    expect(replies(effects)).toEqual([{ kind: 'heartbeat_reply', term: 1, round: 0 }]);
  });
});

describe('dissertation §9.6, PreVote', () => {
  it('R17: a member that was cut off comes back without a newer term, and deposes nobody', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.partition([1, 2], [3]);
    group.run(200);
    expect(group.node(3).raft.standing).toMatchObject({ role: 'pre_candidate', term: 1 });
    group.heal();
    group.run(60);
    expect(group.node(1).raft.standing).toEqual({ role: 'leader', term: 1, leader: '1' });
    expect(group.node(3).raft.standing).toEqual({ role: 'follower', term: 1, leader: '1' });
  });

  it('changes nothing at who is asked', () => {
    const group = new Group({ voters: 3 });
    const effects = group.tell(1, 2, { kind: 'pre_vote_request', term: 5, lastIndex: 0, lastTerm: 0 });
    expect(replies(effects)).toEqual([{ kind: 'pre_vote_reply', term: 5, granted: true }]);
    expect([effects.write, effects.standing]).toEqual([null, null]);
  });

  it('is refused while a leader is heard, for a log that lacks something, and for a term that is over', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, heartbeat(3));
    const ask = (term: number) =>
      replies(group.tell(1, 3, { kind: 'pre_vote_request', term, lastIndex: 0, lastTerm: 0 }));
    expect(ask(4)).toEqual([{ kind: 'pre_vote_reply', term: 3, granted: false }]);
    untilItStands(group, 1);
    expect(ask(4)).toEqual([{ kind: 'pre_vote_reply', term: 4, granted: true }]);
    expect(ask(3)).toEqual([{ kind: 'pre_vote_reply', term: 3, granted: false }]);
  });

  it('R17: a refusal teaches a newer term', () => {
    const group = new Group({ voters: 3 });
    untilItStands(group, 1);
    const effects = group.tell(1, 2, { kind: 'pre_vote_reply', term: 8, granted: false });
    expect(effects.standing).toEqual({ role: 'follower', term: 8, leader: null });
    expect(effects.write?.hardState).toMatchObject({ term: 8, votedFor: null });
  });
});

describe('dissertation §6.2 and §4.2.3, CheckQuorum', () => {
  it('R17: a leader that no quorum answers steps down within an election time-out', () => {
    const group = new Group({ voters: 5 });
    group.elect(1);
    group.partition([1, 2], [3, 4, 5]);
    group.run(22);
    expect(group.node(1).raft.standing.role).not.toBe('leader');
    group.run(40);
    expect(group.leaders.map((node) => node.raft.standing.term)).toEqual([2]);
  });

  it('stays while a bare majority answers', () => {
    const group = new Group({ voters: 5 });
    group.elect(1);
    group.partition([1, 2, 3], [4], [5]);
    group.run(100);
    expect(group.node(1).raft.standing).toMatchObject({ role: 'leader', term: 1 });
  });

  it('R23: who hears the leader is not talked into a newer term, save for a transfer', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, heartbeat(3));
    expect(group.tell(1, 3, voteRequest(9))).toMatchObject({ messages: [], standing: null, write: null });
    expect(group.tell(1, 3, voteRequest(9, { transfer: true })).standing?.term).toBe(9);
  });
});

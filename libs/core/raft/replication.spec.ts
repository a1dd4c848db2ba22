import { describe, expect, it } from '@jest/globals';
import { type Entry } from './entry.js';
import { type AppendRequest } from './message.js';
import { appendRequest, Group, id } from './testdata/group.js';

const noop = (index: number, term: number): Entry => ({ kind: 'noop', index, term });
const terms = (group: Group, name: number) => group.node(name).store.state.entries.map(({ term }) => term);
const sentTo = (group: Group, name: number) =>
  group.network.filter(({ to }) => to === id(name)).map(({ message }) => message);

describe('Raft §5.3, a follower', () => {
  it('R12: truncates at the first real conflict only, whatever old appends come late', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, appendRequest(2, [0, 0], [noop(1, 1), noop(2, 1), noop(3, 2)]));
    expect(group.tell(1, 2, appendRequest(2, [0, 0], [noop(1, 1)])).write).toBeNull();
    expect(terms(group, 1)).toEqual([1, 1, 2]);
    const effects = group.tell(1, 3, appendRequest(3, [1, 1], [noop(2, 1), noop(3, 3)]));
    expect(effects.write).toMatchObject({ truncateFrom: 3, append: [noop(3, 3)] });
    expect(terms(group, 1)).toEqual([1, 1, 3]);
  });

  it('never truncates what is committed, and says nothing to who asks for it', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, appendRequest(1, [0, 0], [noop(1, 1), noop(2, 1)], 2));
    expect(group.tell(1, 3, appendRequest(2, [1, 1], [noop(2, 2)])).messages).toEqual([]);
    expect(group.tell(1, 3, appendRequest(2, [2, 2], [])).messages).toEqual([]);
    expect(terms(group, 1)).toEqual([1, 1]);
  });

  it('R14: commits no further than this append has verified', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, appendRequest(1, [0, 0], [noop(1, 1), noop(2, 1), noop(3, 1)]));
    expect(group.tell(1, 3, appendRequest(2, [0, 0], [noop(1, 1)], 3)).committed).toHaveLength(1);
    expect(group.node(1).raft.status.commit).toBe(1);
  });

  it('R1: acknowledges once, and after the write that holds the entries', () => {
    const group = new Group({ voters: 3 });
    group.node(1).stalled = true;
    const message = (entries: Entry[], prev: readonly [number, number]) =>
      ({ kind: 'message', from: id(2), message: appendRequest(1, prev, entries) }) as const;
    const effects = group.step(1, message([noop(1, 1)], [0, 0]), message([noop(2, 1)], [1, 1]));
    expect(effects.write).toMatchObject({ sequence: 1, append: [noop(1, 1), noop(2, 1)] });
    expect(effects.messages).toMatchObject([
      { afterWrite: 1, message: { kind: 'append_accepted', matchIndex: 2 } },
    ]);
  });

  it('R1: acknowledges a repeated append only after the first one is durable', () => {
    const group = new Group({ voters: 3 });
    group.node(1).stalled = true;
    group.tell(1, 2, appendRequest(1, [0, 0], [noop(1, 1)]));
    expect(group.tell(1, 2, appendRequest(1, [0, 0], [noop(1, 1)])).messages).toMatchObject([
      { afterWrite: 1 },
    ]);
  });

  it('R11: tells where its log ends, or which term conflicts and where it begins', () => {
    const group = new Group({ voters: 3 });
    group.tell(1, 2, appendRequest(3, [0, 0], [noop(1, 1), noop(2, 3), noop(3, 3), noop(4, 3)]));
    const answer = (prev: readonly [number, number]) =>
      group.tell(1, 3, appendRequest(4, prev, [])).messages.map(({ message }) => message);
    expect(answer([9, 4])).toMatchObject([
      { kind: 'append_rejected', prevIndex: 9, conflict: null, lastIndex: 4 },
    ]);
    expect(answer([4, 4])).toMatchObject([{ conflict: { term: 3, firstIndex: 2 } }]);
  });
});

describe('Raft §5.3, a leader', () => {
  it('R11: sends ahead of the answers, but no more than its window', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = () => false;
    for (let at = 0; at < 10; at++) group.propose(1, `x${at}`);
    expect(sentTo(group, 2)).toHaveLength(4);
    expect(sentTo(group, 2).map((message) => (message as AppendRequest).prevIndex)).toEqual([1, 2, 3, 4]);
  });

  it('R24: fills one append with many entries, up to its bytes; a larger one travels alone', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    const command = new Uint8Array(468);
    group.step(
      1,
      ...[command, command, command, new Uint8Array(5_000), command].map(
        (bytes, ticket) => ({ kind: 'propose', ticket, command: bytes }) as const,
      ),
    );
    expect(sentTo(group, 2).map((message) => (message as AppendRequest).entries.length)).toEqual([
      2, 1, 1, 1,
    ]);
  });

  it('shares one message among followers that are equally far', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.propose(1, 'x');
    expect(sentTo(group, 2)[0]).toBe(sentTo(group, 3)[0]);
  });

  it('R11: sends again what was lost, once the follower is heard', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = ({ to, message }) => to !== id(2) || message.kind !== 'append_request';
    for (let at = 0; at < 10; at++) group.propose(1, `x${at}`);
    group.deliver();
    expect(group.node(2).raft.status.lastIndex).toBe(1);
    group.heal();
    group.run(8);
    expect(group.node(2).raft.status.lastIndex).toBe(11);
  });

  it('R11: asks after lost appends, and after lost answers, without sending data twice', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = ({ from, message }) => from !== id(2) || message.kind !== 'append_accepted';
    for (let at = 0; at < 4; at++) group.propose(1, `x${at}`);
    group.deliver();
    group.heal();
    let entries = 0;
    group.link = ({ to, message }) => {
      if (to === id(2) && message.kind === 'append_request') entries += message.entries.length;
      return true;
    };
    group.run(8);
    expect(group.node(1).raft.followers.find(({ member }) => member === id(2))).toMatchObject({
      state: 'replicate',
      matchIndex: 5,
    });
    expect(entries).toBe(0);
  });

  it('R11: goes back over a long conflict in few steps', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.partition([1], [2, 3]);
    for (let at = 0; at < 200; at++) group.propose(1, `lost${at}`);
    group.runUntil(() => group.leader.id !== '1');
    for (let at = 0; at < 300; at++) group.propose(group.leader.id, `kept${at}`);
    group.run(4);
    // The next leader begins to look at the end of its own long log.
    const { id: deposed } = group.leader;
    group.node(deposed).crash();
    group.node(deposed).restart();
    group.runUntil(() => group.leaders.length > 0);
    let rejections = 0;
    group.link = ({ message }) => {
      if (message.kind === 'append_rejected') rejections++;
      return true;
    };
    group.run(40);
    expect(rejections).toBeLessThanOrEqual(2);
    expect(group.node(1).commands).toEqual(group.leader.commands);
    expect(group.node(1).commands).toHaveLength(300);
  });

  it('ignores an acknowledgement beyond its log, and a late rejection', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    const before = group.node(1).raft.followers;
    group.tell(1, 2, { kind: 'append_accepted', term: 1, matchIndex: 99, round: 0 });
    group.tell(1, 2, {
      kind: 'append_rejected',
      term: 1,
      prevIndex: 0,
      conflict: null,
      lastIndex: 0,
      round: 0,
    });
    expect(group.node(1).raft.followers.map(({ nextIndex }) => nextIndex)).toEqual(
      before.map(({ nextIndex }) => nextIndex),
    );
  });

  it('R24: refuses what is too large, and more than may be uncommitted, until that is committed', () => {
    const group = new Group({ voters: 3, options: { commandBytesMax: 100, uncommittedBytesMax: 300 } });
    group.elect(1);
    expect(group.propose(1, 'x'.repeat(101)).refused).toMatchObject([{ reason: 'too_large' }]);
    expect(group.propose(1, 'x'.repeat(100)).accepted).toHaveLength(1);
    expect(group.propose(1, 'x'.repeat(100)).accepted).toHaveLength(1);
    expect(group.propose(1, 'x'.repeat(100)).refused).toMatchObject([{ reason: 'overloaded' }]);
    group.deliver();
    expect(group.propose(1, 'x'.repeat(100)).accepted).toHaveLength(1);
  });

  it('R21: only leads a follower, which refuses and knows whom to ask', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    expect(group.propose(2, 'x').refused).toMatchObject([{ reason: 'not_leader' }]);
    expect(group.node(2).raft.standing).toEqual({ role: 'follower', term: 1, leader: '1' });
  });
});

describe('Raft §5.4.2, commitment', () => {
  it('R13: counts the leader only after its own flush', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.node(1).stalled = true;
    group.propose(1, 'x');
    group.node(3).crash();
    group.deliver();
    expect(group.node(1).raft.status.commit).toBe(1);
    group.flush(1);
    expect(group.node(1).raft.status.commit).toBe(2);
  });

  it('§10.2.1: commits by a majority of others while its own flush is under way', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.node(1).stalled = true;
    const { write, messages } = group.propose(1, 'x');
    expect([write?.sequence, ...messages.map(({ afterWrite }) => afterWrite)]).toEqual([3, 0, 0]);
    group.deliver();
    expect(group.node(1).raft.status.commit).toBe(2);
  });

  it('R13, R15: an entry of an earlier term is committed only under one of the own term (figure 8)', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.link = ({ from, message }) => from !== id(1) || message.kind !== 'append_request';
    group.propose(1, 'old');
    group.deliver();
    group.node(3).crash();
    for (const name of [1, 2]) {
      group.node(name).crash();
      group.node(name).restart();
    }
    group.link = ({ message }) => message.kind !== 'append_request';
    group.elect(1);
    // 2 holds the old entry, which makes a majority, but not yet the no-op of the new term.
    const { term } = group.node(1).raft.standing;
    group.tell(1, 2, { kind: 'append_accepted', term, matchIndex: 2, round: 0 });
    expect(group.node(1).raft.status.commit).toBe(1);
    group.tell(1, 2, { kind: 'append_accepted', term, matchIndex: 3, round: 0 });
    expect(group.node(1).raft.status.commit).toBe(3);
  });

  it('R15: a term begins with an entry that commits the ones before, without any request', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    expect(group.node(1).applied).toEqual([noop(1, 1)]);
  });

  it('R18: a leader whose disk hangs steps down, and does not stand again before it is back', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.node(1).stalled = true;
    group.propose(1, 'x');
    group.run(21);
    expect(group.node(1).raft.standing.role).toBe('follower');
    group.run(60);
    expect(group.leader.id).not.toBe(id(1));
    const { term } = group.leader.raft.standing;
    group.run(100);
    expect(group.leader.raft.standing.term).toBe(term);
  });
});

describe('R18, a member whose disk hangs', () => {
  it('does not stand for what it could not do', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    group.node(2).stalled = true;
    group.propose(1, 'x');
    group.deliver();
    group.partition([2], [1, 3]);
    // The write is not yet old when the first time-out comes.
    group.run(20);
    const asked = group.node(2).effects.length;
    group.run(100);
    const since = group
      .node(2)
      .effects.slice(asked)
      .flatMap(({ messages }) => messages);
    expect(since).toEqual([]);
    group.flush(2);
    group.run(25);
    expect(group.node(2).last.standing ?? group.node(2).raft.standing).toMatchObject({
      role: 'pre_candidate',
    });
  });
});

describe('a start', () => {
  it('hands out the snapshot, then what is known to be committed after it', () => {
    const group = new Group({ voters: 1 });
    group.run(3);
    for (const command of ['a', 'b', 'c', 'd']) group.propose(1, command);
    group.step(1, { kind: 'compact', index: 3, image: new Uint8Array([7]) });
    group.propose(1, 'e');
    group.node(1).crash();
    group.node(1).restart();
    const effects = group.step(1);
    expect(effects.restore).toMatchObject({ index: 3, image: new Uint8Array([7]) });
    expect(effects.committed.map(({ index }) => index)).toEqual([4, 5]);
    group.run(3);
    expect(group.node(1).commands).toEqual(['c', 'd', 'e']);
  });

  it('R23: a newcomer without a configuration never stands', () => {
    const group = new Group({ voters: 0 });
    group.add(id(1), null);
    group.run(200);
    expect(group.node(1).raft.standing).toEqual({ role: 'follower', term: 0, leader: null });
  });
});

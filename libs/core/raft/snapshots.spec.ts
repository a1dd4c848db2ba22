import { describe, expect, it } from '@jest/globals';
import { type SnapshotChunk } from './message.js';
import { appendRequest, Group, id } from './testdata/group.js';

const image = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

/** 3 was away while 1 and 2 committed 20 commands, and compacted them. */
function behind(): Group {
  const group = new Group({ voters: 3 });
  group.elect(1);
  group.node(3).crash();
  for (let at = 0; at < 20; at++) group.propose(1, `x${at}`);
  group.deliver();
  group.step(1, { kind: 'compact', index: 20, image });
  return group;
}

const chunks = (group: Group): SnapshotChunk[] =>
  group
    .node(1)
    .effects.flatMap(({ messages }) => messages.map(({ message }) => message))
    .filter((message) => message.kind === 'snapshot_chunk');
const progress = (group: Group) => group.node(1).raft.followers.find(({ member }) => member === id(3));

describe('Raft §7, R20: compaction', () => {
  it('keeps some entries below the snapshot, and stores both in one write', () => {
    const group = behind();
    const { write } = group.node(1).effects.findLast((effects) => effects.write?.snapshot)!;
    expect(write).toMatchObject({ compactTo: 18, snapshot: { index: 20, term: 1, image } });
    expect(write?.snapshot?.configuration.voters).toEqual(['1', '2', '3']);
    expect(group.node(1).raft.status).toMatchObject({ firstIndex: 19, snapshotIndex: 20, lastIndex: 21 });
  });

  it('passes over an older image', () => {
    const group = behind();
    expect(group.step(1, { kind: 'compact', index: 20, image }).write).toBeNull();
    expect(group.step(1, { kind: 'compact', index: 5, image }).write).toBeNull();
  });

  it('R19: goes on over its base after a restart', () => {
    const group = behind();
    group.node(1).crash();
    group.node(1).restart();
    expect(group.node(1).raft.status).toMatchObject({ lastIndex: 21, snapshotIndex: 20 });
    group.run(60);
    group.propose(group.leader.id, 'y');
    group.run(5);
    expect(group.node(1).commands.at(-1)).toBe('y');
  });
});

describe('Raft §7, R20: a follower that lacks what is compacted away', () => {
  it('is sent the snapshot in parts, then what follows it', () => {
    const group = behind();
    group.node(3).restart();
    group.run(30);
    expect(chunks(group).map(({ offset, bytes }) => [offset, bytes.length])).toEqual(
      expect.arrayContaining([
        [0, 4],
        [4, 4],
        [8, 2],
      ]),
    );
    expect(group.node(3).restored).toMatchObject({ index: 20, term: 1, image });
    expect(group.node(3).commands).toEqual(['x19']);
    expect(progress(group)).toMatchObject({ state: 'replicate', matchIndex: 21 });
  });

  it('acknowledges it only once it is durable, and keeps it over a crash', () => {
    const group = behind();
    group.node(3).restart();
    group.node(3).stalled = true;
    group.run(30);
    expect(group.node(3).restored).toMatchObject({ index: 20 });
    expect(progress(group)).toMatchObject({ state: 'snapshot', matchIndex: 1 });
    group.flush(3);
    group.node(3).crash();
    group.node(3).restart();
    expect(group.node(3).raft.status).toMatchObject({ snapshotIndex: 20, commit: 20 });
  });

  it('resumes where it was when parts are lost, without beginning again', () => {
    const group = behind();
    group.node(3).restart();
    let lose = 2;
    group.link = ({ message }) => !(message.kind === 'snapshot_chunk' && message.offset === 4 && lose-- > 0);
    group.run(60);
    expect(group.node(3).raft.status.snapshotIndex).toBe(20);
    expect(chunks(group).filter(({ offset, bytes }) => offset === 0 && bytes.length > 0)).toHaveLength(1);
  });

  it('does not have the transfer doubled by answers that come twice', () => {
    const group = behind();
    group.node(3).restart();
    group.link = (envelope) => {
      if (envelope.message.kind === 'snapshot_progress') group.step(1, { ...envelope, kind: 'message' });
      return true;
    };
    group.run(30);
    expect(chunks(group).filter(({ offset, bytes }) => offset === 8 && bytes.length > 0)).toHaveLength(1);
  });

  it('is sent the newer snapshot when the log after the one under way is gone', () => {
    const group = behind();
    group.node(3).restart();
    group.link = ({ message }) => !(message.kind === 'snapshot_chunk' && message.offset === 8);
    group.run(10);
    group.link = ({ to }) => to !== id(3);
    for (let at = 0; at < 10; at++) group.propose(1, `y${at}`);
    group.deliver();
    group.step(1, { kind: 'compact', index: 30, image: new Uint8Array([42]) });
    group.heal();
    group.run(20);
    expect(group.node(3).restored).toMatchObject({ index: 30, image: new Uint8Array([42]) });
    expect(group.node(3).commands).toEqual(['y9']);
  });

  it('starts anew after a crash in the midst of it', () => {
    const group = behind();
    group.node(3).restart();
    group.link = ({ message }) => !(message.kind === 'snapshot_chunk' && message.offset === 8);
    group.run(10);
    group.node(3).crash();
    group.node(3).restart();
    group.heal();
    group.run(40);
    expect(group.node(3).raft.status.snapshotIndex).toBe(20);
  });

  it('takes a snapshot that its log goes through as proof of commitment, and keeps its log (figure 13)', () => {
    const group = new Group({ voters: 3 });
    const entries = [1, 2, 3].map((index) => ({ kind: 'noop', index, term: 1 }) as const);
    group.tell(1, 2, appendRequest(1, [0, 0], entries));
    const configuration = { voters: [id(1)], learners: [] };
    const effects = group.tell(1, 2, {
      kind: 'snapshot_chunk',
      term: 1,
      snapshot: { index: 2, term: 1, configuration },
      offset: 0,
      bytes: image,
      totalBytes: 10,
      round: 0,
    });
    expect(effects.restore).toBeNull();
    expect(effects.committed.map(({ index }) => index)).toEqual([1, 2]);
    expect(group.node(1).raft.status.lastIndex).toBe(3);
  });
});

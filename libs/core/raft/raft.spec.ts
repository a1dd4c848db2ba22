import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Message } from './message.js';
import { Raft } from './raft.js';
import { type Effects, type Input } from './step.js';
import { Group, id, seeded, testOptions } from './testdata/group.js';

/** All that a network may say, from near the truth to nonsense. */
const number = fc.oneof(fc.nat(6), fc.constantFrom(-1, 0.5, NaN, Infinity, Number.MAX_SAFE_INTEGER));
const entry = fc.record({
  kind: fc.constantFrom('noop', 'command', 'configuration', 'other'),
  index: number,
  term: number,
  command: fc.constantFrom(new Uint8Array(2), null, 'text'),
  configuration: fc.constantFrom({ voters: [id(1), id(2)], learners: [] }, { voters: 1 }, null),
});
const anyMessage = fc.record({
  kind: fc.constantFrom(
    ...['pre_vote_request', 'pre_vote_reply', 'vote_request', 'vote_reply', 'append_request', 'heartbeat'],
    ...['append_accepted', 'append_rejected', 'heartbeat_reply', 'snapshot_chunk', 'snapshot_progress'],
    ...['timeout_now', 'other'],
  ),
  term: number,
  lastIndex: number,
  lastTerm: number,
  granted: fc.boolean(),
  transfer: fc.boolean(),
  prevIndex: number,
  prevTerm: number,
  entries: fc.oneof(fc.array(entry, { maxLength: 3 }), fc.constant(null)),
  commit: number,
  round: number,
  matchIndex: number,
  conflict: fc.oneof(fc.constant(null), fc.record({ term: number, firstIndex: number })),
  snapshot: fc.oneof(
    fc.record({
      index: number,
      term: number,
      configuration: fc.constantFrom({ voters: [id(1), id(2)], learners: [] }, null),
    }),
    fc.constant(undefined),
  ),
  offset: number,
  bytes: fc.constantFrom(new Uint8Array(0), new Uint8Array(3), 'text'),
  totalBytes: number,
  snapshotIndex: number,
  nextOffset: number,
});
const anyInput = fc.oneof(
  fc.record({ kind: fc.constant('message'), from: fc.constantFrom('1', '2', '3', '9'), message: anyMessage }),
  fc.constant({ kind: 'tick' }),
  fc.record({
    kind: fc.constantFrom('read', 'propose'),
    ticket: fc.nat(),
    command: fc.constant(new Uint8Array(3)),
  }),
) as unknown as fc.Arbitrary<Input>;

describe('Raft', () => {
  it.each([1, 2, 3, 4, 5, 7])('elects one leader of %d and commits what it is given', (voters) => {
    const group = new Group({ voters });
    group.run(60);
    expect(group.leaders).toHaveLength(1);
    for (const command of ['a', 'b', 'c']) group.propose(group.leader.id, command);
    group.deliver();
    group.run(5);
    for (const node of group.nodes.values()) expect(node.commands).toEqual(['a', 'b', 'c']);
  });

  it('R4: makes one write of all that arrived, one append a follower, and one answer', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    const command = new Uint8Array(1);
    const effects = group.step(
      1,
      ...[1, 2, 3].map((ticket) => ({ kind: 'propose', ticket, command }) as const),
    );
    expect(effects.accepted.map(({ index }) => index)).toEqual([2, 3, 4]);
    expect(effects.write?.append).toHaveLength(3);
    expect(effects.messages).toHaveLength(2);
  });

  it('writes nothing when nothing durable changed', () => {
    const group = new Group({ voters: 3 });
    group.elect(1);
    const writes = () =>
      [...group.nodes.values()].flatMap(({ effects }) => effects).filter(({ write }) => write).length;
    group.run(4);
    const before = writes();
    group.run(100);
    expect(writes()).toBe(before);
  });

  it('does the same on the same inputs', () => {
    const transcript = (seed: number): Effects[] => {
      const group = new Group({ voters: 3, seed });
      group.run(60);
      group.propose(group.leader.id, 'x');
      group.run(10);
      return [...group.nodes.values()].flatMap(({ effects }) => effects);
    };
    expect(transcript(7)).toEqual(transcript(7));
    expect(transcript(7)).not.toEqual(transcript(8));
  });

  it('survives whatever the network says, without a step back in term, vote or commit', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
        const group = new Group({ voters: 3 });
        let last = { term: 0, votedFor: null as string | null, commit: 0 };
        for (const input of inputs) {
          const { write } = group.step(1, input);
          const hardState = write?.hardState;
          if (!hardState) continue;
          expect(hardState.term).toBeGreaterThanOrEqual(last.term);
          expect(hardState.commit).toBeGreaterThanOrEqual(last.commit);
          if (hardState.term === last.term && last.votedFor !== null)
            expect(hardState.votedFor).toBe(last.votedFor);
          last = hardState;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never changes a message, an entry or a write that it handed out', () => {
    const group = new Group({ voters: 3 });
    group.run(60);
    const frozen = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
      Object.freeze(value);
      Object.values(value).forEach(frozen);
    };
    group.link = ({ message }: { message: Message }) => {
      frozen(message);
      return true;
    };
    for (let round = 0; round < 5; round++) {
      group.propose(group.leader.id, `x${round}`);
      for (const node of group.nodes.values()) node.effects.forEach(frozen);
      group.run(4);
    }
    expect(group.leader.commands).toHaveLength(5);
  });

  it.each([
    { heartbeatTicks: 0 },
    { heartbeatTicks: 10 },
    { electionTicksMax: 10 },
    { appendBytesMax: 0 },
    { appendsInFlightMax: 0 },
    { snapshotChunkBytes: 0 },
  ])('is a defect with %j', (wrong) => {
    const durable = { hardState: { term: 0, votedFor: null, commit: 0 }, snapshot: null, entries: [] };
    expect(() => new Raft({ ...testOptions, self: id(1), random: seeded(1), ...wrong }, durable)).toThrow();
  });
});

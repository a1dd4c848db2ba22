import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { type DurableState, type Entry, type LogStore, type MemberId, type Write } from '@nexus/core/raft';
import * as fc from 'fast-check';
import { InMemoryLog, InMemoryLogStore } from './in-memory-log-store.js';
import { LmdbLogStore } from './lmdb-log-store.js';

/** A write in proportions of the log that it meets, so that any sequence of them makes sense. */
interface Move {
  readonly append: number;
  readonly commandBytes: number;
  readonly truncate: number | null;
  readonly compact: number | null;
  readonly imageBytes: number | null;
  readonly then: 'go on' | 'wait' | 'reopen';
}

const move: fc.Arbitrary<Move> = fc.record({
  append: fc.nat(12),
  commandBytes: fc.oneof({ weight: 5, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(9_000) }),
  truncate: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 4 }),
  compact: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 6 }),
  imageBytes: fc.option(fc.nat(150_000), { freq: 8 }),
  then: fc.constantFrom('go on', 'go on', 'go on', 'wait', 'reopen'),
});

/** What a store must hold, kept in the plainest way. */
class Model {
  state: DurableState = { hardState: { term: 0, votedFor: null, commit: 0 }, snapshot: null, entries: [] };
  private nextIndex = 1;
  private sequence = 0;

  /** Makes a write of a move, and applies it. */
  write({ append, commandBytes, truncate, compact, imageBytes }: Move): Write {
    const { entries } = this.state;
    const first = entries[0]?.index ?? this.nextIndex;
    const at = (part: number) => first + Math.floor(part * (this.nextIndex - first));
    const term = ++this.sequence;
    const compactTo = compact === null ? undefined : at(compact) - 1;
    const truncateFrom = truncate === null ? undefined : Math.max(at(truncate), (compactTo ?? 0) + 1);
    this.nextIndex = truncateFrom ?? this.nextIndex;
    const added = Array.from({ length: append }, () => commandAt(this.nextIndex++, term, commandBytes));
    const write: Write = {
      sequence: this.sequence,
      append: added,
      hardState: { term, votedFor: 'a.1' as MemberId, commit: first - 1 },
      ...(compactTo === undefined ? {} : { compactTo }),
      ...(truncateFrom === undefined ? {} : { truncateFrom }),
      ...(imageBytes === null
        ? {}
        : {
            snapshot: {
              index: first - 1,
              term,
              configuration: { voters: ['a.1' as MemberId], learners: [] },
              image: Buffer.alloc(imageBytes, term),
            },
          }),
    };
    this.state = {
      hardState: write.hardState!,
      snapshot: write.snapshot ?? this.state.snapshot,
      entries: [
        ...entries.filter(({ index }) => index > (compactTo ?? 0) && index < (truncateFrom ?? Infinity)),
        ...added,
      ],
    };
    return write;
  }
}

const commandAt = (index: number, term: number, bytes: number): Entry => ({
  index,
  term,
  kind: 'command',
  command: Buffer.alloc(bytes, `${index} of ${term};`),
});

async function follows(moves: readonly Move[], open: () => Promise<LogStore>): Promise<void> {
  const model = new Model();
  let store = await open();
  await store.load();
  let writes: Promise<void>[] = [];
  const reopen = async () => {
    await Promise.all(writes);
    writes = [];
    await store.close();
    store = await open();
    const loaded = await store.load();
    // Value by value only when it is needed to say what differs: it takes long.
    if (!serialize(loaded).equals(serialize(model.state))) expect(loaded).toEqual(model.state);
  };
  try {
    for (const next of moves) {
      writes.push(store.write(model.write(next)));
      if (next.then === 'wait') await Promise.all(writes);
      if (next.then === 'reopen') await reopen();
    }
    await reopen();
  } finally {
    await store.close();
  }
}

const moves = fc.array(move, { minLength: 1, maxLength: 30 });

describe('whatever is written, in groups or one by one', () => {
  it('InMemoryLogStore gives back what a plain list would hold', () =>
    fc.assert(
      fc.asyncProperty(moves, (some) => {
        const log = new InMemoryLog();
        return follows(some, () => InMemoryLogStore.open(log));
      }),
      { numRuns: 200 },
    ));

  it('LmdbLogStore gives back what a plain list would hold', () =>
    fc.assert(
      fc.asyncProperty(moves, async (some) => {
        const directory = await mkdtemp(join(tmpdir(), 'nexus-log-'));
        try {
          await follows(some, () => LmdbLogStore.open({ directory }));
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      }),
      { numRuns: 25 },
    ));
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entryBytes, type Entry } from './entry.js';
import { Log } from './log.js';
import { afterWrite } from './testdata/group.js';

const noop = (index: number, term: number): Entry => ({ kind: 'noop', index, term });
const nobody = { voters: [], learners: [] };

type Action = readonly [kind: 'append' | 'truncate' | 'compact' | 'restart' | 'save', amount: number];
const action: fc.Arbitrary<Action> = fc.tuple(
  fc.constantFrom('append', 'append', 'append', 'truncate', 'compact', 'restart', 'save'),
  fc.nat(6),
);

describe('a log', () => {
  it('R19: is an array over a base, and its writes make the store equal to it', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const log = new Log({ index: 0, term: 0 });
        let model: Entry[] = [];
        let base = { index: 0, term: 0 };
        let store = {
          hardState: { term: 0, votedFor: null, commit: 0 },
          snapshot: { index: 0, term: 0, configuration: nobody, image: new Uint8Array(0) },
          entries: [] as readonly Entry[],
        };
        let term = 1;
        let sequence = 0;
        let saved = 0;
        for (const [kind, amount] of actions) {
          const last = model.at(-1) ?? base;
          if (kind === 'append') {
            if (amount === 0) term++;
            const entry = noop(last.index + 1, Math.max(term, last.term));
            model.push(entry);
            log.append(entry);
          } else if (kind === 'truncate') {
            const from = Math.max(base.index + 1, last.index + 1 - amount);
            model = model.filter(({ index }) => index < from);
            log.truncate(from);
            saved = Math.min(saved, from - 1);
          } else if (kind === 'compact') {
            const to = model.filter(({ index }) => index <= saved).at(amount - 6) ?? base;
            base = { index: to.index, term: to.term };
            model = model.filter(({ index }) => index > to.index);
            log.compact(to.index);
          } else if (kind === 'restart') {
            base = { index: last.index + amount, term: last.term };
            model = [];
            log.restart(base);
            saved = base.index;
            store = { ...store, snapshot: { ...store.snapshot, index: base.index } };
          } else {
            const { append, compactTo, truncateFrom } = log.takeChanges(++sequence);
            store = afterWrite(store, {
              sequence,
              append,
              ...(compactTo !== null && { compactTo }),
              ...(truncateFrom !== null && { truncateFrom }),
            }) as typeof store;
            log.confirm(sequence);
            saved = log.lastIndex;
            expect(store.entries).toEqual(model);
            expect(log.durableIndex).toBe(log.lastIndex);
            expect(log.changed).toBe(false);
          }
          expect(log.lastIndex).toBe((model.at(-1) ?? base).index);
          expect(log.range(base.index + 1, log.lastIndex)).toEqual(model);
          expect(log.termAt(base.index)).toBe(base.term);
          expect([log.termAt(base.index - 1), log.termAt(log.lastIndex + 1)]).toEqual([null, null]);
          expect(log.heldBytes).toBe(model.reduce((sum, entry) => sum + entryBytes(entry), 0));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('R13: does not take an entry for durable that replaced a durable one', () => {
    const log = new Log({ index: 0, term: 0 });
    for (const index of [1, 2, 3]) log.append(noop(index, 1));
    log.takeChanges(1);
    log.truncate(2);
    log.append(noop(2, 2));
    log.takeChanges(2);
    log.confirm(1);
    expect(log.durableIndex).toBe(1);
    log.confirm(2);
    expect(log.durableIndex).toBe(2);
  });

  it('finds the bounds of a term', () => {
    const log = new Log({ index: 10, term: 1 });
    [2, 2, 2, 5, 5, 7].forEach((term, at) => log.append(noop(11 + at, term)));
    expect([11, 13, 14, 15, 16].map((index) => log.firstIndexOfTermAt(index))).toEqual([11, 11, 14, 14, 16]);
    expect([1, 2, 4, 5, 9].map((term) => log.lastWithTermAtMost(term, 16))).toMatchObject([
      { index: 10, term: 1 },
      { index: 13, term: 2 },
      { index: 13, term: 2 },
      { index: 15, term: 5 },
      { index: 16, term: 7 },
    ]);
  });
});

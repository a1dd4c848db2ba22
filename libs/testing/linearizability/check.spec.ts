import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SeededRandom } from '../simulation/seeded-random.js';
import { checkLinearizability } from './check.js';
import { generateHistory, type RegisterOperation } from './testdata/generate-history.js';
import { renderWindow } from './render-window.js';
import { type RegisterAnswer, type RegisterCall, versionedRegister } from './versioned-register.js';

const key = 'k';
const put = (value: string, expectedVersion?: number): RegisterCall => ({
  kind: 'put',
  key,
  value,
  ...(expectedVersion !== undefined && { expectedVersion }),
});
const read: RegisterCall = { kind: 'read', key };
const decide = (value: string): RegisterCall => ({ kind: 'decide', key, value });
const written = (version: number): RegisterAnswer => ({ kind: 'written', version });
const conflict: RegisterAnswer = { kind: 'conflict' };
const value = (text: string | null, version: number): RegisterAnswer => ({
  kind: 'value',
  value: text,
  version,
});

/** `call` from `invokedAtMs` on; without an answer its outcome is unknown. */
const at = (
  invokedAtMs: number,
  call: RegisterCall,
  answered?: readonly [returnedAtMs: number, answer: RegisterAnswer],
): RegisterOperation => ({
  client: `at-${invokedAtMs}`,
  call,
  invokedAtMs,
  outcome: answered ? { returnedAtMs: answered[0], answer: answered[1] } : null,
});

const judge = (history: readonly RegisterOperation[], visitsMax?: number) =>
  checkLinearizability(versionedRegister, history, visitsMax === undefined ? {} : { visitsMax });

describe('checkLinearizability accepts', () => {
  const good: Record<string, RegisterOperation[]> = {
    'nothing at all': [],
    'a read of nothing': [at(0, read, [1, value(null, 0)])],
    'one call after the other': [
      at(0, put('a'), [1, written(3)]),
      at(2, read, [3, value('a', 3)]),
      at(4, put('b', 3), [5, written(7)]),
      at(6, put('c', 3), [7, conflict]),
      at(8, read, [9, value('b', 7)]),
    ],
    'a read beside a write that sees it': [at(0, put('a'), [9, written(1)]), at(1, read, [2, value('a', 1)])],
    'a read beside a write that does not': [
      at(0, put('a'), [9, written(1)]),
      at(1, read, [2, value(null, 0)]),
    ],
    'two reads beside a write, old then new': [
      at(0, put('a'), [9, written(1)]),
      at(1, read, [2, value(null, 0)]),
      at(3, read, [4, value('a', 1)]),
    ],
    'writes beside each other, in the order of their versions alone': [
      at(0, put('a'), [9, written(2)]),
      at(1, put('b'), [8, written(1)]),
      at(10, read, [11, value('a', 2)]),
    ],
    'a write of unknown outcome that never took effect': [at(0, put('a')), at(5, read, [6, value(null, 0)])],
    'a write of unknown outcome that took effect': [at(0, put('a')), at(5, read, [6, value('a', 4)])],
    'a write of unknown outcome that took effect late': [
      at(0, put('a')),
      at(1, put('b'), [2, written(1)]),
      at(3, read, [4, value('b', 1)]),
      at(5, read, [6, value('a', 2)]),
    ],
    'a conflict that only a write of unknown outcome explains': [
      at(0, put('a'), [1, written(1)]),
      at(2, put('b')),
      at(3, put('c', 1), [4, conflict]),
    ],
    'a compare-and-set on what a write of unknown outcome left': [
      at(0, put('a')),
      at(2, put('b', 6), [3, written(7)]),
      at(4, read, [5, value('b', 7)]),
    ],
    'a deletion, and a write that expects nothing': [
      at(0, put('a'), [1, written(1)]),
      at(2, { kind: 'delete', key }, [3, written(2)]),
      at(4, read, [5, value(null, 0)]),
      at(6, put('b', 0), [7, written(3)]),
    ],
    'a decision, and the same answer to who came later': [
      at(0, decide('a'), [1, value('a', 5)]),
      at(2, decide('b'), [3, value('a', 5)]),
      at(4, read, [5, value('a', 5)]),
    ],
    'a decision of unknown outcome that another one learns of': [
      at(0, decide('a')),
      at(2, decide('b'), [3, value('a', 5)]),
    ],
    'two keys that know nothing of each other': [
      at(0, { kind: 'put', key: 'x', value: 'a' }, [1, written(9)]),
      at(2, { kind: 'put', key: 'y', value: 'b' }, [3, written(1)]),
    ],
  };
  for (const [what, history] of Object.entries(good)) {
    it(what, () =>
      expect(judge(history)).toMatchObject({ kind: 'linearizable', operations: history.length }),
    );
  }
});

describe('checkLinearizability refuses', () => {
  const bad: Record<string, RegisterOperation[]> = {
    'a value that nobody wrote': [at(0, read, [1, value('a', 1)])],
    'a stale read': [
      at(0, put('a'), [1, written(1)]),
      at(2, put('b'), [3, written(2)]),
      at(4, read, [5, value('a', 1)]),
    ],
    'a lost write': [at(0, put('a'), [1, written(1)]), at(2, read, [3, value(null, 0)])],
    'two reads beside a write, new then old': [
      at(0, put('a'), [9, written(1)]),
      at(1, read, [2, value('a', 1)]),
      at(3, read, [4, value(null, 0)]),
    ],
    'two compare-and-sets of one version': [
      at(0, put('a'), [1, written(1)]),
      at(2, put('b', 1), [8, written(2)]),
      at(3, put('c', 1), [9, written(3)]),
    ],
    'a conflict that nothing explains': [at(0, put('a'), [1, written(1)]), at(2, put('b', 1), [3, conflict])],
    'a write of unknown outcome that takes effect twice': [
      at(0, put('a')),
      at(1, read, [2, value('a', 1)]),
      at(3, put('b'), [4, written(2)]),
      at(5, read, [6, value('a', 3)]),
    ],
    'an effect before its invocation': [at(0, read, [1, value('a', 1)]), at(2, put('a'), [3, written(1)])],
    'a version that goes back': [at(0, put('a'), [1, written(5)]), at(2, put('b'), [3, written(4)])],
    'one value under two versions': [
      at(0, put('a'), [1, written(1)]),
      at(2, read, [3, value('a', 1)]),
      at(4, read, [5, value('a', 2)]),
    ],
    'two decisions': [at(0, decide('a'), [1, value('a', 1)]), at(2, decide('b'), [3, value('b', 2)])],
    'a decision that is forgotten': [
      at(0, decide('a'), [1, value('a', 1)]),
      at(2, decide('b')),
      at(4, read, [5, value('b', 3)]),
    ],
  };
  for (const [what, history] of Object.entries(bad)) {
    it(what, () => expect(judge(history)).toMatchObject({ kind: 'violation', object: key }));
  }
});

describe('a violation', () => {
  it('is told by the fewest operations that show it', () => {
    const noise = Array.from({ length: 200 }, (_, index) => [
      at(10 * index, put(`n${index}`), [10 * index + 4, written(index + 1)]),
      at(10 * index + 5, read, [10 * index + 6, value(`n${index}`, index + 1)]),
    ]).flat();
    const stale = at(2_000, read, [2_001, value('n7', 8)]);
    const verdict = judge([...noise, stale, at(2_010, read, [2_011, value('n199', 200)])]);
    if (verdict.kind !== 'violation') throw new Error(`the verdict is ${verdict.kind}`);
    expect(verdict.window.length).toBeLessThanOrEqual(3);
    expect(verdict.window).toContainEqual(stale);
    expect(judge(verdict.window).kind).toBe('violation');
    const lines = renderWindow(versionedRegister, verdict.window);
    expect(lines.at(-1)).toMatch(/├.*┤ +at-2000 +\d+\.0–\d+\.0 ms +read k → n7 \(version 8\)$/);
  });
});

describe('the bound', () => {
  it('leaves undecided what it does not suffice for', () => {
    const history = [at(0, put('a'), [1, written(1)]), at(2, read, [3, value(null, 0)])];
    expect(judge(history, 1)).toEqual({ kind: 'undecided', objects: [key] });
  });

  it('does not hide a violation of another object', () => {
    const other = at(0, { kind: 'read', key: 'z' }, [1, value('x', 1)]);
    const history = [at(0, put('a'), [1, written(1)]), at(2, put('b'), [3, written(2)]), other];
    expect(judge(history, 2)).toMatchObject({ kind: 'violation', object: 'z' });
  });
});

const generated = (operationsMax: number, unknownShares: readonly number[]) =>
  fc
    .record({
      seed: fc.nat(),
      operations: fc.integer({ min: 1, max: operationsMax }),
      keys: fc.integer({ min: 1, max: 3 }),
      clients: fc.integer({ min: 1, max: 8 }),
      unknownShare: fc.constantFrom(...unknownShares),
    })
    .map(({ seed, ...shape }) => generateHistory({ ...shape, random: randomOf(seed) }));

describe('histories of a real register', () => {
  it('are linearizable, whatever overlaps and whatever is unknown', () => {
    fc.assert(
      fc.property(generated(120, [0, 0.05, 0.3]), (history) => judge(history).kind === 'linearizable'),
    );
  });

  /** A property of what one mistake makes of a generated history; null where there is nothing to mistake. */
  const refusesAll = (mutate: (history: readonly RegisterOperation[]) => RegisterOperation[] | null) => {
    let mutants = 0;
    fc.assert(
      fc.property(generated(60, [0, 0.05]), (history) => {
        const mutant = mutate(history);
        if (mutant === null) return;
        mutants += 1;
        expect(judge(mutant).kind).toBe('violation');
      }),
      { numRuns: 100 },
    );
    expect(mutants).toBeGreaterThan(20);
  };

  it('are refused with a stale read', () => {
    refusesAll((history) => {
      for (const stale of history.filter(isRead)) {
        const old = overwrittenBefore(history, stale);
        if (old) return history.map((each) => (each === stale ? answered(stale, valueOf(old)) : each));
      }
      return null;
    });
  });

  it('are refused with a lost write', () => {
    refusesAll((history) => {
      const endMs = Math.max(...history.map(endOf)) + 1;
      const old = history.findLast(isPut);
      if (!old || history.some(({ outcome }) => outcome === null)) return null;
      const { key } = old.call;
      const lost = at(endMs, { kind: 'put', key, value: 'lost' }, [endMs + 1, written(1_000_000)]);
      const late = at(endMs + 2, { kind: 'read', key }, [endMs + 3, valueOf(old)]);
      return [...history, lost, late];
    });
  });

  it('are refused with a compare-and-set that succeeds twice', () => {
    refusesAll((history) => {
      const first = history.find((each) => isWritten(each) && isPut(each) && each.call.expectedVersion);
      if (first?.call.kind !== 'put' || !first.outcome) return null;
      const endMs = Math.max(...history.map(endOf)) + 1;
      const again = {
        ...first,
        call: { ...first.call, value: 'again' },
        client: 'twice',
        invokedAtMs: endMs,
      };
      return [...history, { ...again, outcome: { returnedAtMs: endMs + 1, answer: written(1_000_000) } }];
    });
  });
});

describe('the size of a real run', () => {
  it.each([0, 0.02])(
    '10,000 operations of 16 clients are judged within the bound, %d unknown',
    (unknownShare) => {
      const history = generateHistory({
        random: randomOf(1),
        operations: 10_000,
        keys: 5,
        clients: 16,
        unknownShare,
      });
      expect(judge(history)).toMatchObject({ kind: 'linearizable', operations: 10_000 });
    },
  );
});

type Put = RegisterOperation & {
  readonly call: Extract<RegisterCall, { kind: 'put' }>;
  readonly outcome: { readonly returnedAtMs: number; readonly answer: { readonly version: number } };
};

const isRead = ({ call, outcome }: RegisterOperation) => call.kind === 'read' && outcome !== null;
const isWritten = (each: RegisterOperation) => each.outcome?.answer.kind === 'written';
const isPut = (each: RegisterOperation): each is Put => each.call.kind === 'put' && isWritten(each);
const endOf = ({ outcome, invokedAtMs }: RegisterOperation) => outcome?.returnedAtMs ?? invokedAtMs;
const answered = (operation: RegisterOperation, answer: RegisterAnswer): RegisterOperation => ({
  ...operation,
  outcome: operation.outcome && { ...operation.outcome, answer },
});

/** A write that another one had followed before the read began. */
function overwrittenBefore(history: readonly RegisterOperation[], read: RegisterOperation): Put | undefined {
  const before = history.filter(
    (each) => each.call.key === read.call.key && isWritten(each) && endOf(each) < read.invokedAtMs,
  );
  return before.filter(isPut).find((old) => before.some(({ invokedAtMs }) => invokedAtMs > endOf(old)));
}

const valueOf = ({ call, outcome }: Put) => value(call.value, outcome.answer.version);

function randomOf(seed: number): () => number {
  const random = new SeededRandom(seed);
  return () => random.next();
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clockOf, dotted, DottedValues, VectorClock, type DottedValue } from './index.js';

const empty = DottedValues.empty<string>();
const valuesOf = (values: DottedValues<string>) => values.values.map(({ content }) => content.value);
const textOf = (values: DottedValues<string>) =>
  JSON.stringify(
    values.siblings.map(({ by, counter, past, content }) => [by, counter, past.encode(), content]),
  );

describe('the values of a key', () => {
  it('are replaced by a write that has read them', () => {
    const values = empty.put('a', 'one').put('b', 'two');
    expect(valuesOf(values)).toEqual(['two']);
    expect(values.context.encode()).toBe('["a",1,"b",1]');
  });

  it('stand side by side when neither writer had read the other', () => {
    const values = empty.put('a', 'one').merge(empty.put('b', 'two'));
    expect([valuesOf(values), values.isConflict]).toEqual([['one', 'two'], true]);
    const resolved = values.put('c', 'both');
    expect([valuesOf(resolved), resolved.isConflict]).toEqual([['both'], false]);
  });

  it('stand side by side, written through one process by two that had read the same (Preguiça 2010, §2)', () => {
    const base = empty.put('a', 'base');
    const values = base.put('a', 'one', base.context).put('a', 'two', base.context);
    expect(valuesOf(values)).toEqual(['one', 'two']);
    expect(values.writtenBy('a')).toHaveLength(2);
    expect(valuesOf(values.put('b', 'both'))).toEqual(['both']);
  });

  it('are told apart from a later write when the earlier one arrives again', () => {
    const first = empty.put('a', 'one');
    const second = first.put('b', 'two');
    expect(valuesOf(second.merge(first))).toEqual(['two']);
  });

  it('are gone when a removal has read them, and stand beside one that has not', () => {
    const base = empty.put('a', 'base');
    const removed = base.remove('b');
    expect([valuesOf(removed.merge(base)), removed.siblings.length]).toEqual([[], 1]);
    const kept = removed.merge(base.put('a', 'changed'));
    expect([valuesOf(kept), kept.isConflict, kept.siblings.length]).toEqual([['changed'], false, 2]);
    expect(valuesOf(removed.put('a', 'again'))).toEqual(['again']);
  });

  it('count above the floor, so that a writer that forgot its counter uses no dot twice', () => {
    const before = empty.put('a', 'old').put('b', 'seen');
    const { written } = empty.write({ by: 'a', content: { kind: 'value', value: 'new' }, floor: 1_000 });
    expect(written.counter).toBe(1_001);
    expect(valuesOf(before.merge(DottedValues.of([written])))).toEqual(['new', 'seen']);
  });

  it('are made of the one value and clock that each member stores', () => {
    const one = dotted('a', VectorClock.of([['a', 3]]), { kind: 'value', value: 'one' } as const);
    const clock = VectorClock.of([
      ['a', 3],
      ['b', 1],
    ]);
    const two = dotted('b', clock, { kind: 'value', value: 'two' } as const);
    expect(valuesOf(DottedValues.of([one, two]))).toEqual(['two']);
    expect(clockOf(two).encode()).toBe(clock.encode());
    expect(() => dotted('c', clock, { kind: 'removed' })).toThrow('counts the write itself');
  });
});

/** Three processes that write, with what they read before or with an older reading, and hear from each other. */
const historyArbitrary = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('put' as const), at: fc.nat({ max: 2 }), isStale: fc.boolean() }),
    fc.record({ kind: fc.constant('remove' as const), at: fc.nat({ max: 2 }), isStale: fc.boolean() }),
    fc.record({ kind: fc.constant('hear' as const), at: fc.nat({ max: 2 }), of: fc.nat({ max: 2 }) }),
  ),
  { maxLength: 25 },
);

interface Written {
  readonly value: DottedValue<string>;
  /** The writes that its writer had read, kept by the test. */
  readonly replaced: ReadonlySet<string>;
}

function dotOf({ by, counter }: DottedValue<string>): string {
  return `${by} ${counter}`;
}

/** Plays a history; what every process holds, and every write with what it had read. */
function played(history: typeof historyArbitrary extends fc.Arbitrary<infer H> ? H : never) {
  const states = [empty, empty, empty];
  /** Per process: all writes that reached it, standing or replaced; and an older reading of it. */
  const known = [new Set<string>(), new Set<string>(), new Set<string>()];
  const older = states.map(() => ({ context: VectorClock.zero, known: new Set<string>() }));
  const writes = new Map<string, Written>();
  for (const step of history) {
    const { at } = step;
    if (step.kind === 'hear') {
      states[at] = states[at]!.merge(states[step.of]!);
      for (const dot of known[step.of]!) known[at]!.add(dot);
      continue;
    }
    const reading = step.isStale ? older[at]! : { context: states[at]!.context, known: new Set(known[at]) };
    const content =
      step.kind === 'put'
        ? ({ kind: 'value', value: `v${writes.size}` } as const)
        : ({ kind: 'removed' } as const);
    older[at] = { context: states[at]!.context, known: new Set(known[at]) };
    const { values, written } = states[at]!.write({ by: 'abc'[at]!, content, context: reading.context });
    states[at] = values;
    writes.set(dotOf(written), { value: written, replaced: reading.known });
    known[at]!.add(dotOf(written));
  }
  return { states, known, writes };
}

describe('values under any history', () => {
  it('merge as a semilattice: commutative, associative, idempotent', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const [a, b, c] = played(history).states as [typeof empty, typeof empty, typeof empty];
        expect(textOf(a.merge(b))).toBe(textOf(b.merge(a)));
        expect(textOf(a.merge(b).merge(c))).toBe(textOf(a.merge(b.merge(c))));
        expect(textOf(a.merge(a))).toBe(textOf(a));
        expect(textOf(a.merge(empty))).toBe(textOf(a));
      }),
    );
  });

  it('lose a write only to one that had read it', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const { states, known, writes } = played(history);
        for (const [at, state] of states.entries()) {
          const standing = new Set(state.siblings.map(dotOf));
          const replaced = new Set([...known[at]!].flatMap((dot) => [...writes.get(dot)!.replaced]));
          expect([...standing].sort()).toEqual([...known[at]!].filter((dot) => !replaced.has(dot)).sort());
        }
      }),
    );
  });

  it('have dots of their own, and a context that replaces all of them', () => {
    fc.assert(
      fc.property(historyArbitrary, (history) => {
        const { states } = played(history);
        for (const state of states) {
          expect(new Set(state.siblings.map(dotOf)).size).toBe(state.siblings.length);
          expect(valuesOf(state.put('z', 'last'))).toEqual(['last']);
        }
      }),
    );
  });
});

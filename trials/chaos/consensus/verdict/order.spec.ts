import { describe, expect, it } from '@jest/globals';
import { type Acknowledged } from '../load/recorder.js';
import { lostDecisions, type Reading } from './lost-decisions.js';
import { disorders } from './order.js';

const acknowledged = (fields: Partial<Acknowledged>): Acknowledged => ({
  call: { kind: 'put', key: 'k', value: 'a' },
  value: 'a',
  version: fields.index ?? 1,
  index: 1,
  term: 1,
  invokedAtMs: 0,
  returnedAtMs: 1,
  ...fields,
});

describe('disorders', () => {
  it('finds none where indexes and terms grow, and none among what overlaps', () => {
    const first = acknowledged({ index: 5, invokedAtMs: 0, returnedAtMs: 10 });
    const beside = acknowledged({ index: 4, invokedAtMs: 5, returnedAtMs: 20 });
    const later = acknowledged({ index: 6, term: 2, invokedAtMs: 21, returnedAtMs: 22 });
    expect(disorders([first, beside, later])).toEqual([]);
  });

  it('finds an acknowledgement of an earlier term', () => {
    const first = acknowledged({ index: 5, term: 3 });
    const second = acknowledged({ index: 6, term: 2, invokedAtMs: 2, returnedAtMs: 3 });
    expect(disorders([first, second])).toEqual([{ first, second }]);
  });

  it('finds an index that was there before', () => {
    const first = acknowledged({ index: 5 });
    const second = acknowledged({ index: 5, invokedAtMs: 2, returnedAtMs: 3 });
    expect(disorders([second, first])).toEqual([{ first, second }]);
  });
});

describe('lostDecisions', () => {
  const reading = (value: string | null, version: number): Reading => ({ kind: 'value', value, version });
  const lost = (write: Partial<Acknowledged>, found?: Reading) =>
    lostDecisions([acknowledged(write)], new Map(found ? [['k', found]] : [])).length;

  it('counts what is there, or was written over, as kept', () => {
    expect(lost({ index: 3 }, reading('a', 3))).toBe(0);
    expect(lost({ index: 3 }, reading('b', 4))).toBe(0);
  });

  it('finds what is absent, older or another value', () => {
    expect(lost({ index: 3 })).toBe(1);
    expect(lost({ index: 3 }, reading(null, 0))).toBe(1);
    expect(lost({ index: 3 }, reading('a', 2))).toBe(1);
    expect(lost({ index: 3 }, reading('b', 3))).toBe(1);
  });

  it('lets nothing come after a decision', () => {
    const call = { kind: 'decide', key: 'k', value: 'a' } as const;
    expect(lost({ index: 3, call }, reading('a', 3))).toBe(0);
    expect(lost({ index: 3, call }, reading('b', 4))).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeClock, readClock, VectorClock } from './index.js';

const bounds = { entriesMax: 3, counterMax: 100 };

describe('a clock from the wire', () => {
  it('takes __proto__ for a name like any other, and gives it back', () => {
    const reading = readClock(JSON.parse('{"__proto__":2,"a":1}'), bounds);
    const clock = reading.kind === 'clock' ? reading.clock : VectorClock.zero;
    expect([...clock.entries()]).toEqual([
      ['__proto__', 2],
      ['a', 1],
    ]);
    expect(JSON.stringify(clock.toRecord())).toBe('{"__proto__":2,"a":1}');
    expect(Object.getPrototypeOf(clock.toRecord())).toBeNull();
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('leaves zeros out', () => {
    const reading = readClock({ a: 0, b: 1 }, bounds);
    expect(reading.kind === 'clock' && reading.clock.encode()).toBe('["b",1]');
  });

  it.each([
    ['text', 'not_a_clock', 'a'],
    ['null', 'not_a_clock', null],
    ['nothing', 'not_a_clock', undefined],
    ['a number', 'not_a_clock', 7],
    ['things that are not pairs', 'not_a_clock', [1, 2]],
    ['a fraction', 'bad_counter', { a: 1.5 }],
    ['a negative counter', 'bad_counter', { a: -1 }],
    ['a counter that is text', 'bad_counter', { a: '1' }],
    ['no number', 'bad_counter', { a: Number.NaN }],
    ['a counter beyond the bound', 'bad_counter', { a: 101 }],
    ['a counter that is not exact', 'bad_counter', { a: 2 ** 60 }],
    ['a pair without a counter', 'bad_counter', [['a']]],
    ['an empty name', 'bad_name', { '': 1 }],
    ['a name that is no text', 'bad_name', [[1, 1]]],
    ['more entries than the bound', 'too_many_entries', { a: 1, b: 1, c: 1, d: 1 }],
  ])('refuses %s as %s', (_, reason, source) => {
    expect(readClock(source, bounds)).toEqual({ kind: 'malformed', reason });
  });

  it('never throws, and never reads a clock beyond its bounds', () => {
    fc.assert(
      fc.property(fc.anything({ withMap: true, withBigInt: true, maxKeys: 6 }), (source) => {
        const reading = readClock(source, bounds);
        if (reading.kind === 'clock') expect(reading.clock.size).toBeLessThanOrEqual(bounds.entriesMax);
      }),
    );
  });
});

describe('a clock from its text', () => {
  it.each([
    ['no JSON', 'not_a_clock', '["a",1'],
    ['no list', 'not_a_clock', '{"a":1}'],
    ['a name without a counter', 'not_a_clock', '["a",1,"b"]'],
    ['names out of order', 'not_a_clock', '["b",1,"a",1]'],
    ['a name twice', 'not_a_clock', '["a",1,"a",1]'],
    ['a zero', 'not_a_clock', '["a",0]'],
    ['white space', 'not_a_clock', '["a", 1]'],
    ['a number written otherwise', 'not_a_clock', '["a",1e0]'],
    ['too many entries', 'too_many_entries', '["a",1,"b",1,"c",1,"d",1]'],
    ['a counter beyond the bound', 'bad_counter', '["a",101]'],
  ])('refuses %s as %s', (_, reason, text) => {
    expect(decodeClock(text, bounds)).toEqual({ kind: 'malformed', reason });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const reading = decodeClock(text, bounds);
        if (reading.kind === 'clock') expect(reading.clock.encode()).toBe(text);
      }),
    );
  });
});

describe('VectorClock', () => {
  it.each([-1, 0.5, Number.NaN, 2 ** 53])('is never made with the counter %p', (counter) => {
    expect(() => VectorClock.of([['a', counter]])).toThrow('safe integer');
    expect(() => VectorClock.zero.with('a', counter)).toThrow('safe integer');
  });

  it('counts a name that comes twice by its larger counter', () => {
    expect(
      VectorClock.of([
        ['a', 3],
        ['a', 2],
      ]).get('a'),
    ).toBe(3);
  });
});

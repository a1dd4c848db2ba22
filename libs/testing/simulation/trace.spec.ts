import { describe, expect, it } from '@jest/globals';
import { Trace } from './trace.js';

const hashOf = (fill: (trace: Trace) => void) => {
  const trace = new Trace();
  fill(trace);
  return trace.hash;
};

describe('Trace', () => {
  it('gives one hash for one history', () => {
    const history = (trace: Trace) => {
      trace.text('a');
      trace.number(1.5);
    };
    expect(hashOf(history)).toBe(hashOf(history));
    expect(hashOf(history)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells histories apart that differ in a number, its fraction, a text, or their order', () => {
    const hashes = [
      hashOf((trace) => trace.number(1)),
      hashOf((trace) => trace.number(1.25)),
      hashOf((trace) => trace.number(2 ** 40)),
      hashOf((trace) => trace.text('ab')),
      hashOf((trace) => trace.text('ba')),
      hashOf((trace) => [1, 2].forEach((value) => trace.number(value))),
      hashOf((trace) => [2, 1].forEach((value) => trace.number(value))),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('takes in plain data whole', () => {
    const values = [
      { a: 1 },
      { a: 2 },
      { b: 1 },
      { a: { b: 1 } },
      { a: {}, b: 1 },
      [1, [2]],
      [[1], 2],
      new Uint8Array([1, 2]),
      new Uint8Array([1, 3]),
      [true, null],
      [false, null],
      'a',
    ];
    const hashes = values.map((value) => hashOf((trace) => trace.value(value)));
    expect(new Set(hashes).size).toBe(values.length);
    expect(hashOf((trace) => trace.value({ a: 1, b: undefined }))).toBe(hashes[0]);
  });

  it('keeps lines only when it is told to, and does not make them else', () => {
    const trace = new Trace(true);
    trace.line(1.234, () => 'started');
    expect(trace.lines).toEqual(['      1.23 started']);
    new Trace().line(1, () => {
      throw new Error('nobody reads it');
    });
  });
});

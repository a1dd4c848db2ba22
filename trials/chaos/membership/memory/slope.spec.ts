import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import { pooledSlope, slopeOf } from './slope.js';

/** Three a minute, as processes tell them. */
const readings = (value: (minutes: number) => number, count = 13) =>
  Array.from({ length: count }, (_, at) => ({ atMs: at * 20_000, value: value(at / 3) }));

describe('the slope of readings', () => {
  it('is that of a line', () => {
    const slope = slopeOf(readings((minutes) => 50 + 3 * minutes));
    expect(slope?.perMinute).toBeCloseTo(3);
    expect(slope?.low).toBeCloseTo(3);
    expect(slope?.high).toBeCloseTo(3);
  });

  it('leaves open what noise hides', () => {
    const random = new SeededRandom(7);
    const slope = slopeOf(readings(() => 50 + random.between(-4, 4)));
    expect(slope!.low).toBeLessThan(0);
    expect(slope!.high).toBeGreaterThan(0);
  });

  it('finds what grows under noise', () => {
    const random = new SeededRandom(7);
    const slope = slopeOf(readings((minutes) => 50 + 2 * minutes + random.between(-1, 1)));
    expect(slope!.low).toBeGreaterThan(1);
    expect(slope!.high).toBeLessThan(3);
  });

  it('takes each reading for one, however close they are', () => {
    const close = readings((minutes) => 50 + 3 * minutes).map(({ atMs, value }) => ({
      atMs: atMs / 10,
      value,
    }));
    expect(slopeOf(close)?.perMinute).toBeCloseTo(30);
  });

  it('is nothing when there is too little to tell', () => {
    expect(slopeOf(readings(() => 1, 5))).toBeUndefined();
    expect(slopeOf([])).toBeUndefined();
  });
});

describe('slopes taken together', () => {
  const slope = (perMinute: number, margin: number) => ({
    ...{ perMinute, low: perMinute - margin, high: perMinute + margin },
  });

  it('are surer than each of them', () => {
    const pooled = pooledSlope(Array.from({ length: 16 }, () => slope(0.8, 1)));
    expect(pooled?.perMinute).toBeCloseTo(0.8);
    expect(pooled?.low).toBeCloseTo(0.8 - 1 / 4);
    expect(pooled?.high).toBeCloseTo(0.8 + 1 / 4);
  });

  it('count for as much as they are sure', () => {
    expect(pooledSlope([slope(0, 1), slope(5, 2)])?.perMinute).toBeCloseTo(1);
  });

  it('are no surer for being many when they differ', () => {
    const pooled = pooledSlope([slope(0, 0.1), slope(0, 0.1), slope(4, 0.1), slope(4, 0.1)]);
    expect(pooled?.perMinute).toBeCloseTo(2);
    expect(pooled!.low).toBeLessThan(0);
  });

  it('may be exact, one, or none', () => {
    expect(pooledSlope([slope(2, 0), slope(2, 0)])?.perMinute).toBeCloseTo(2);
    expect(pooledSlope([slope(2, 1)])).toEqual(slope(2, 1));
    expect(pooledSlope([])).toBeUndefined();
  });
});

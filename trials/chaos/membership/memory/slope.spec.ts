import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import { slopeOf } from './slope.js';

const readings = (value: (minutes: number) => number, minutes = 4) =>
  Array.from({ length: minutes * 30 + 1 }, (_, at) => ({ atMs: at * 2_000, value: value(at / 30) }));

describe('the slope of readings', () => {
  it('is that of a line', () => {
    const slope = slopeOf(readings((minutes) => 50 + 3 * minutes));
    expect(slope?.perMinute).toBeCloseTo(3);
    expect(slope?.low).toBeCloseTo(3);
    expect(slope?.high).toBeCloseTo(3);
  });

  it('lies about nothing where a heap is filled and swept', () => {
    const slope = slopeOf(readings((minutes) => 50 + ((minutes * 7) % 1) * 8));
    expect(slope!.low).toBeLessThan(0);
    expect(slope!.high).toBeGreaterThan(0);
  });

  it('finds what grows under noise', () => {
    const random = new SeededRandom(7);
    const slope = slopeOf(readings((minutes) => 50 + 2 * minutes + random.between(-2, 2)));
    expect(slope!.low).toBeGreaterThan(1);
    expect(slope!.high).toBeLessThan(3);
  });

  it('is nothing when there is too little to tell', () => {
    expect(slopeOf(readings(() => 1, 0.5))).toBeUndefined();
    expect(slopeOf([])).toBeUndefined();
  });
});

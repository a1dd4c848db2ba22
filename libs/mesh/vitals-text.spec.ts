import { describe, expect, it } from '@jest/globals';
import { type Vitals, vitalsSchema } from '@nexus/contracts';
import fc from 'fast-check';
import { readVitals, vitalsText } from './vitals-text.js';

describe('vitals as text', () => {
  it.each<[Vitals, string]>([
    [{ cpu: 0, memory: 0.25, loopLagMs: 0 }, '0 0.25 0'],
    [{ cpu: 0.123, memory: 1, loopLagMs: 12.4, rttMs: 0.456 }, '0.12 1 12 0.46'],
  ])('writes %j as %j', (vitals, text) => {
    expect(vitalsText(vitals)).toBe(text);
    expect(readVitals(text)).toBeDefined();
  });

  it('reads back what it wrote, to a hundredth', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
    const any = fc.record({ cpu: fraction, memory: fraction, loopLagMs: ms, rttMs: ms });
    fc.assert(
      fc.property(any, (vitals) => {
        const read = readVitals(vitalsText(vitals));
        expect(read?.cpu).toBeCloseTo(vitals.cpu, 2);
        expect(read?.loopLagMs).toBeCloseTo(vitals.loopLagMs, 0);
      }),
    );
  });

  it('makes nothing of anything else, and never throws', () => {
    for (const text of ['', 'x', '2 0 0', '0 0', '-1 0 0', '0 0 0 x', 'NaN 0 0', '1'.repeat(65)]) {
      expect(readVitals(text)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readVitals(text);
        if (read !== undefined) expect(vitalsSchema.parse(read)).toEqual(read);
      }),
    );
  });
});

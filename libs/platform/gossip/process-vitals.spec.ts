import { afterEach, describe, expect, it } from '@jest/globals';
import { vitalsSchema } from '@nexus/contracts';
import { ProcessVitals } from './process-vitals.js';

describe('ProcessVitals', () => {
  const vitals = new ProcessVitals();
  afterEach(() => vitals.close());

  it('tells what the contract has, also twice in one instant', () => {
    for (const reading of [vitals.read(), vitals.read()]) {
      expect(vitalsSchema.parse(reading)).toEqual(reading);
    }
    expect(vitals.read().memory).toBeGreaterThan(0);
  });

  it('sees work of the processor', () => {
    vitals.read();
    const end = process.cpuUsage().user + 50_000;
    while (process.cpuUsage().user < end) Math.sqrt(end);
    expect(vitals.read().cpu).toBeGreaterThan(0);
  });
});

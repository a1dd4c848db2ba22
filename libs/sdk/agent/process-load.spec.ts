import { describe, expect, it } from '@jest/globals';
import { ProcessLoadMeter } from './process-load.js';

function meterAt() {
  const now = { ms: 0, cpuUs: 0, residentBytes: 50, limitBytes: 200 };
  const meter = new ProcessLoadMeter({
    nowMs: () => now.ms,
    cpuUs: () => now.cpuUs,
    residentBytes: () => now.residentBytes,
    memoryLimitBytes: () => now.limitBytes,
  });
  return { now, meter };
}

describe('ProcessLoadMeter', () => {
  it('reports the share of a core used since the last measurement', () => {
    const { now, meter } = meterAt();
    now.ms = 1_000;
    now.cpuUs = 250_000;
    expect(meter.read()).toEqual({ cpu: 0.25, memory: 0.25 });
    now.ms = 2_000;
    now.cpuUs = 1_000_000;
    expect(meter.read().cpu).toBe(0.75);
  });

  it('keeps the last figure until the span means something', () => {
    const { now, meter } = meterAt();
    now.ms = 1_000;
    now.cpuUs = 500_000;
    meter.read();
    now.ms = 1_010;
    now.cpuUs = 510_000;
    expect(meter.read().cpu).toBe(0.5);
  });

  it('stays within 0 and 1 when several cores are busy, or a limit is unknown', () => {
    const { now, meter } = meterAt();
    Object.assign(now, { ms: 1_000, cpuUs: 1_900_000, limitBytes: 0 });
    expect(meter.read()).toEqual({ cpu: 1, memory: 0 });
  });

  it('reads this process', () => {
    const { cpu, memory } = new ProcessLoadMeter().read();
    expect(cpu).toBeGreaterThanOrEqual(0);
    expect(memory).toBeGreaterThan(0);
    expect(memory).toBeLessThanOrEqual(1);
  });
});

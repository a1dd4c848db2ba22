import { describe, expect, it } from '@jest/globals';
import { Coverage } from './coverage.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedDisk } from './simulated-disk.js';
import { Timeline } from './timeline.js';

function build(seed = 1) {
  const timeline = new Timeline();
  const coverage = new Coverage();
  const durable: { record: number; atMs: number }[] = [];
  const failures: string[] = [];
  const disk = new SimulatedDisk<number>({
    timeline,
    random: new SeededRandom(seed),
    coverage,
    flushMsMin: 1,
    flushMsMax: 3,
    onDurable: (record) => durable.push({ record, atMs: timeline.nowMs }),
    onFailed: (reason) => failures.push(reason),
  });
  return { timeline, coverage, durable, failures, disk };
}

describe('SimulatedDisk', () => {
  it('makes records durable in order, those that wait for a flush in one', () => {
    const { timeline, durable, disk } = build();
    disk.write(1);
    for (const record of [2, 3, 4]) disk.write(record);
    expect(durable).toEqual([]);
    timeline.run(10);
    expect(durable.map(({ record }) => record)).toEqual([1, 2, 3, 4]);
    expect(durable[3]!.atMs).toBeLessThanOrEqual(6);
  });

  it('keeps a beginning of what it had not flushed when it crashes, whatever the luck', () => {
    const kept = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const { timeline, durable, disk, coverage } = build(seed);
      for (const record of [0, 1, 2]) disk.write(record);
      disk.crash();
      timeline.run(10);
      expect(durable.map(({ record }) => record)).toEqual([0, 1, 2].slice(0, durable.length));
      expect(coverage.of('disk: torn writes') + coverage.of('disk: lost writes')).toBe(3 - durable.length);
      kept.add(durable.length);
    }
    expect([...kept].sort()).toEqual([0, 1, 2, 3]);
  });

  it('flushes nothing while it stalls, and everything once it does not', () => {
    const { timeline, durable, disk } = build();
    const end = disk.suffer('stalled');
    disk.write(1);
    timeline.run(1_000);
    disk.write(2);
    expect(durable).toEqual([]);
    end();
    timeline.run(1_010);
    expect(durable.map(({ record }) => record)).toEqual([1, 2]);
  });

  it('flushes late when it is slow', () => {
    const { timeline, durable, disk } = build();
    disk.suffer('slow');
    disk.write(1);
    timeline.run(100);
    expect(durable[0]!.atMs).toBeGreaterThan(15);
  });

  it('takes nothing when it is full, and says so', () => {
    const { timeline, durable, failures, disk } = build();
    const end = disk.suffer('full');
    disk.write(1);
    expect(failures).toEqual(['full']);
    end();
    disk.write(2);
    timeline.run(10);
    expect(durable.map(({ record }) => record)).toEqual([2]);
  });

  it('says that a flush failed, and not what of it is durable', () => {
    const lengths = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const { timeline, durable, failures, disk } = build(seed);
      disk.suffer('failing');
      disk.write(1);
      disk.write(2);
      timeline.run(10);
      expect(failures).toEqual(['failing']);
      lengths.add(durable.length);
    }
    expect([...lengths].sort()).toEqual([0, 1, 2]);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { DeadlineSweep, type Expiring } from './deadline-sweep.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

/** Those who wait, and in which millisecond each was late. */
class Scene {
  readonly waiting = new Map<number, Expiring>();
  readonly lateAtMs = new Map<number, number>();
  private readonly sweep = new DeadlineSweep(this.waiting);

  begin(name: number, timeoutMs: number): void {
    const expiring = {
      deadlineAtMs: performance.now() + timeoutMs,
      onLate: () => {
        this.lateAtMs.set(name, performance.now());
        this.leave(name);
      },
    };
    this.waiting.set(name, expiring);
    this.sweep.begin(expiring);
  }

  leave(name: number): void {
    this.waiting.delete(name);
    this.sweep.end();
  }
}

describe('DeadlineSweep', () => {
  it('ends each who still waits at its deadline or a moment later, never before, and nobody who left', () => {
    const wait = fc.record({
      beginAfterMs: fc.nat(50),
      timeoutMs: fc.nat(200),
      leaves: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(wait, { minLength: 1, maxLength: 30 }), (waits) => {
        const scene = new Scene();
        const deadlines = waits.map(({ beginAfterMs, timeoutMs }, name) => {
          jest.advanceTimersByTime(beginAfterMs);
          scene.begin(name, timeoutMs);
          return performance.now() + timeoutMs;
        });
        waits.forEach(({ leaves }, name) => {
          if (leaves && scene.waiting.has(name)) scene.leave(name);
        });
        const stayed = [...scene.waiting.keys()];
        jest.advanceTimersByTime(300);
        expect(scene.waiting.size).toBe(0);
        for (const name of stayed) {
          const lateByMs = scene.lateAtMs.get(name)! - deadlines[name]!;
          expect(lateByMs).toBeGreaterThanOrEqual(0);
          expect(lateByMs).toBeLessThanOrEqual(6);
        }
        const left = waits.map((_, name) => name).filter((name) => !stayed.includes(name));
        for (const name of left) {
          expect(scene.lateAtMs.get(name) ?? 0).toBeLessThanOrEqual(performance.now() - 300);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('has one timer at most, and none once the last deadline has passed', () => {
    const scene = new Scene();
    for (let name = 0; name < 1_000; name += 1) scene.begin(name, 5_000 + name);
    expect(jest.getTimerCount()).toBe(1);
    for (let name = 0; name < 1_000; name += 1) scene.leave(name);
    jest.advanceTimersByTime(5_000);
    expect(jest.getTimerCount()).toBe(0);
  });
});

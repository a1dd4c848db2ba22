import { describe, expect, it } from '@jest/globals';
import { NexusError } from '@nexus/contracts';
import { InMemoryRoundRobinCounter, type RoundRobinCounter } from '@nexus/core/balancing';
import fc from 'fast-check';
import { LeasedNumbers } from './leased-numbers.js';

/** A counter for all that can be asked how often, and be away. */
class Source implements RoundRobinCounter {
  asked = 0;
  away = false;
  private readonly counter = new InMemoryRoundRobinCounter();

  async take(targetSet: string, count: number): Promise<number> {
    this.asked += 1;
    await Promise.resolve();
    if (this.away) throw new NexusError('unavailable', 'away');
    return this.counter.take(targetSet, count);
  }
}

class Clock {
  nowMs = 0;
  readonly now = () => this.nowMs;
}

describe('LeasedNumbers', () => {
  it('asks for each number while it is quiet, and for blocks once it is busy', async () => {
    const source = new Source();
    const clock = new Clock();
    const numbers = new LeasedNumbers({ source, now: clock.now });
    for (let n = 0; n < 5; n += 1) {
      clock.nowMs += 1_000;
      expect(await numbers.take('all', 1)).toEqual({ first: n, shared: true });
    }
    expect(source.asked).toBe(5);
    const before = source.asked;
    for (let n = 0; n < 1_000; n += 1) {
      clock.nowMs += 1;
      await numbers.take('all', 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // A number a millisecond, and blocks for fifty.
    expect(source.asked - before).toBeLessThan(150);
  });

  it('uses each number once, whoever takes how many, and leaves out two blocks a taker at most', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            taker: fc.nat({ max: 2 }),
            count: fc.integer({ min: 1, max: 9 }),
            afterMs: fc.nat({ max: 40 }),
          }),
          {
            minLength: 1,
            maxLength: 120,
          },
        ),
        async (takes) => {
          const source = new Source();
          const clock = new Clock();
          const takers = [0, 1, 2].map(() => new LeasedNumbers({ source, now: clock.now }));
          const used = new Set<number>();
          for (const { taker, count, afterMs } of takes) {
            clock.nowMs += afterMs;
            const { first, shared } = await takers[taker]!.take('all', count);
            expect(shared).toBe(true);
            for (let n = first; n < first + count; n += 1) {
              expect(used.has(n)).toBe(false);
              used.add(n);
            }
          }
          const holes: number[] = [];
          const highest = Math.max(...used);
          for (let n = 0; n <= highest; n += 1)
            if (!used.has(n) && (n === 0 || used.has(n - 1))) holes.push(n);
          expect(holes.length).toBeLessThanOrEqual(2 * takers.length);
        },
      ),
    );
  });

  it('numbers by itself while the source is away, says so, and shares again afterwards', async () => {
    const source = new Source();
    const clock = new Clock();
    const numbers = new LeasedNumbers({ source, now: clock.now });
    await numbers.take('all', 1);
    source.away = true;
    expect([await numbers.take('all', 2), await numbers.take('all', 1)]).toEqual([
      { first: 0, shared: false },
      { first: 2, shared: false },
    ]);
    const asked = source.asked;
    expect(numbers.isAway).toBe(true);
    // It is left alone for a while.
    await numbers.take('all', 1);
    expect(source.asked).toBe(asked);
    source.away = false;
    clock.nowMs += 2_000;
    expect(await numbers.take('all', 1)).toEqual({ first: 1, shared: true });
  });

  it('hands on what is no outage', async () => {
    const numbers = new LeasedNumbers({
      source: { take: () => Promise.reject(new NexusError('internal', 'a bug')) },
      now: () => 0,
    });
    await expect(numbers.take('all', 1)).rejects.toMatchObject({ code: 'internal' });
  });

  it('keeps the block of a series that is in use, however many others there are', async () => {
    const source = new Source();
    const clock = new Clock();
    const numbers = new LeasedNumbers({ source, now: clock.now });
    const taken: number[] = [];
    for (let n = 0; n < 3_000; n += 1) {
      clock.nowMs += 1;
      taken.push((await numbers.take('all', 1)).first);
      await numbers.take(`once-${n}`, 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(Math.max(...taken) + 1).toBe(taken.length);
  });
});

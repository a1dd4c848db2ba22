import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WakeUps } from './wake-ups.js';

describe('WakeUps', () => {
  it('are taken in order of time', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat({ max: 100 }))), (script) => {
        const wakeUps = new WakeUps();
        const model: number[] = [];
        for (const atMs of script) {
          if (atMs !== null) {
            wakeUps.add(atMs, atMs + 1_000); // the slot tells which one it was
            model.push(atMs);
          } else if (model.length > 0) {
            const nextMs = model.sort((a, b) => a - b).shift()!;
            expect(wakeUps.nextMs).toBe(nextMs);
            expect(wakeUps.take()).toBe(nextMs + 1_000);
          }
        }
        expect(wakeUps.nextMs).toBe(Math.min(...model));
      }),
    );
  });
});

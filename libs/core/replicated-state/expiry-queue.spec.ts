import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Expiring, ExpiryQueue } from './expiry-queue.js';

interface Item extends Expiring {
  readonly name: number;
}

const queueOf = () => new ExpiryQueue<Item>((a, b) => a.name < b.name);

type Step =
  | { readonly kind: 'add'; readonly atMs: number }
  | { readonly kind: 'move'; readonly pick: number; readonly atMs: number }
  | { readonly kind: 'remove'; readonly pick: number }
  | { readonly kind: 'take'; readonly atMs: number };

const atMs = fc.nat({ max: 100 });
const pick = fc.nat({ max: 1_000 });
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), atMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), pick, atMs }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), atMs }) },
);

describe('ExpiryQueue', () => {
  it('is empty at first', () => {
    const queue = queueOf();
    expect([queue.size, queue.nextExpiryMs, queue.takeExpired(Infinity)]).toEqual([0, null, undefined]);
  });

  it('keeps the order when the last item takes the place of one in a later branch', () => {
    const queue = queueOf();
    const items = [0, 10, 1, 11, 12, 2, 3].map((expiresAtMs, name) => ({ name, expiresAtMs, place: 0 }));
    for (const item of items) queue.add(item);
    queue.remove(items[3]!);
    queue.add({ name: 7, expiresAtMs: 13, place: 0 });
    const taken = Array.from({ length: 7 }, () => queue.takeExpired(Infinity)?.expiresAtMs);
    expect(taken).toEqual([0, 1, 2, 3, 10, 12, 13]);
  });

  it('agrees with a sorted list, whatever is added, moved, removed and taken', () => {
    fc.assert(
      fc.property(fc.array(stepArbitrary, { maxLength: 80 }), (steps) => {
        const queue = queueOf();
        let list: Item[] = [];
        const sorted = () => list.sort((a, b) => a.expiresAtMs - b.expiresAtMs || a.name - b.name);
        for (const [name, step] of steps.entries()) {
          const picked = 'pick' in step ? list[step.pick % Math.max(1, list.length)] : undefined;
          if (step.kind === 'add') {
            const item = { name, expiresAtMs: step.atMs, place: 0 };
            queue.add(item);
            list.push(item);
          }
          if (step.kind === 'move' && picked) queue.move(picked, step.atMs);
          if (step.kind === 'remove' && picked) {
            queue.remove(picked);
            list = list.filter((item) => item !== picked);
          }
          if (step.kind === 'take') {
            const [first] = sorted();
            const due = first !== undefined && first.expiresAtMs <= step.atMs ? first : undefined;
            expect(queue.takeExpired(step.atMs)).toBe(due);
            if (due) list.shift();
          }
          expect([queue.size, queue.nextExpiryMs]).toEqual([list.length, sorted()[0]?.expiresAtMs ?? null]);
        }
        expect(Array.from(list, () => queue.takeExpired(Infinity))).toEqual(sorted());
      }),
      { numRuns: 200 },
    );
  });
});

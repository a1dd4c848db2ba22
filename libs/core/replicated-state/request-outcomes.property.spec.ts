import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Outcome, ReplicatedState } from './index.js';

const limits = { requestIdsMax: 4, requestIdWindowMs: 100, expiriesPerCommandMax: 2 };

/** More ids than there is room for, over two commands, at times that mostly stay within the window. */
const logArbitrary = fc.array(
  fc.record({
    id: fc.nat({ max: 9 }),
    value: fc.nat({ max: 1 }),
    waitMs: fc.oneof(
      { weight: 9, arbitrary: fc.nat({ max: 12 }) },
      { weight: 1, arbitrary: fc.constant(150) },
    ),
    restore: fc.boolean(),
  }),
  { maxLength: 100 },
);

interface Kept {
  readonly value: number;
  readonly outcome: Outcome;
  readonly savedAtMs: number;
}

describe('request ids that overflow within their window', () => {
  it('agree with a list that forgets nothing early: once applied, refused, or answered again', () => {
    fc.assert(
      fc.property(logArbitrary, (log) => {
        let state = new ReplicatedState(limits);
        let nowMs = 0;
        const kept = new Map<string, Kept>();
        for (const [at, { id, value, waitMs, restore }] of log.entries()) {
          nowMs += waitMs;
          for (const [name, { savedAtMs }] of kept) if (savedAtMs + 100 <= nowMs) kept.delete(name);
          if (restore) state = ReplicatedState.restore(state.image(), limits);
          const requestId = `r${id}`;
          const known = kept.get(requestId);
          const isFull = known === undefined && kept.size >= limits.requestIdsMax;
          const applied = state.apply(
            { index: at + 1, term: 1 },
            { atMs: nowMs, requestId, command: { type: 'put', key: requestId, value } },
          );
          const { outcome, changes, repeated } = applied;
          if (known?.value === value)
            expect(applied).toEqual({ outcome: known.outcome, changes: [], repeated: true });
          else if (known !== undefined) expect(outcome).toMatchObject({ code: 'conflict' });
          else if (isFull)
            expect(outcome).toMatchObject({ code: 'overloaded', retryAfterMs: room(kept, nowMs) });
          else {
            expect([outcome.kind, changes.length, repeated]).toEqual(['done', 1, false]);
            kept.set(requestId, { value, outcome, savedAtMs: nowMs });
            continue;
          }
          expect(changes).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** When the oldest leaves. */
function room(kept: ReadonlyMap<string, Kept>, nowMs: number): number {
  return Math.min(...Array.from(kept.values(), ({ savedAtMs }) => savedAtMs + 100)) - nowMs;
}

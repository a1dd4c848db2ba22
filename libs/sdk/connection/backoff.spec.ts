import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

const backoff = { baseMs: 100, capMs: 1_000 };
const widest = 1 - Number.EPSILON;

describe('backoffMs', () => {
  it('doubles its bound up to the cap', () => {
    expect([0, 1, 2, 3, 4, 100].map((attempt) => backoffMs(backoff, attempt, undefined, widest))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it('may be nothing at all, so that those who failed together part', () => {
    expect(backoffMs(backoff, 3, undefined, 0)).toBe(0);
  });

  it('never comes before what the peer asked for', () => {
    expect(backoffMs(backoff, 0, 500, 0)).toBe(500);
    expect(backoffMs(backoff, 0, 500, widest)).toBe(600);
  });
});

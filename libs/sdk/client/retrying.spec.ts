import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, NexusError } from '@nexus/contracts';
import { RetryBudget } from './retry-budget.js';
import { retrying } from './retrying.js';

const policy = { retriesMax: 3, baseMs: 1, capMs: 2 };
const soon = (budget = new RetryBudget()) => ({ budget, deadlineMs: performance.now() + 10_000 });

function failing(codes: readonly ErrorCode[], options: { accepted?: boolean; retryAfterMs?: number } = {}) {
  let runs = 0;
  return {
    runs: () => runs,
    accepted: () => options.accepted ?? false,
    run: () => {
      const code = codes[runs++];
      const { retryAfterMs } = options;
      return code ? Promise.reject(new NexusError(code, code, { retryAfterMs })) : Promise.resolve('done');
    },
  };
}

describe('retrying', () => {
  it('repeats what was not accepted until it succeeds', async () => {
    const attempt = failing(['unavailable', 'overloaded'], { retryAfterMs: 1 });
    expect(await retrying(policy, attempt, soon())).toBe('done');
    expect(attempt.runs()).toBe(3);
  });

  it('gives up after its repeats with the last fault', async () => {
    const attempt = failing(['unavailable', 'unavailable', 'unavailable', 'overloaded', 'unavailable'], {
      retryAfterMs: 1,
    });
    await expect(retrying(policy, attempt, soon())).rejects.toMatchObject({ code: 'overloaded' });
    expect(attempt.runs()).toBe(4);
  });

  it.each<ErrorCode>(['invalid_argument', 'deadline_exceeded', 'internal', 'conflict', 'not_leader'])(
    'does not repeat after %s',
    async (code) => {
      const attempt = failing([code]);
      await expect(retrying(policy, attempt, soon())).rejects.toMatchObject({ code });
      expect(attempt.runs()).toBe(1);
    },
  );

  it('does not repeat what is unavailable for good', async () => {
    const attempt = failing(['unavailable']);
    await expect(retrying(policy, attempt, soon())).rejects.toMatchObject({ code: 'unavailable' });
    expect(attempt.runs()).toBe(1);
  });

  it('does not repeat what was accepted', async () => {
    const attempt = failing(['unavailable'], { accepted: true, retryAfterMs: 1 });
    await expect(retrying(policy, attempt, soon())).rejects.toMatchObject({ code: 'unavailable' });
    expect(attempt.runs()).toBe(1);
  });

  it('does not start a wait that would outlast the deadline', async () => {
    const attempt = failing(['overloaded'], { retryAfterMs: 60_000 });
    await expect(retrying(policy, attempt, soon())).rejects.toMatchObject({ code: 'overloaded' });
    expect(attempt.runs()).toBe(1);
  });

  it('throws the last fault once the budget is used up, and earns a repeat with ten requests', async () => {
    const budget = new RetryBudget();
    while (budget.spend());
    const refused = () => failing(['unavailable', 'overloaded'], { retryAfterMs: 1 });
    for (let request = 1; request < 10; request += 1) {
      const attempt = refused();
      await expect(retrying(policy, attempt, soon(budget))).rejects.toMatchObject({ code: 'unavailable' });
      expect(attempt.runs()).toBe(1);
    }
    const tenth = refused();
    await expect(retrying(policy, tenth, soon(budget))).rejects.toMatchObject({ code: 'overloaded' });
    expect(tenth.runs()).toBe(2);
  });

  it.each([
    ['could not end in time', failing(['overloaded'], { retryAfterMs: 60_000 })],
    ['would change nothing', failing(['conflict'])],
    ['was accepted', failing(['unavailable'], { accepted: true, retryAfterMs: 1 })],
  ])('pays nothing for a repeat that is not made because the request %s', async (_, attempt) => {
    const budget = new RetryBudget();
    await expect(retrying(policy, attempt, soon(budget))).rejects.toThrow();
    let left = 0;
    while (budget.spend()) left += 1;
    expect(left).toBe(10);
  });

  it('waits as long as it is asked to, however long', async () => {
    const attempt = failing(['overloaded'], { retryAfterMs: 2 ** 31 });
    const stop = new AbortController();
    const deadlineMs = performance.now() + 2 ** 33;
    const bounds = { budget: new RetryBudget(), deadlineMs, signal: stop.signal };
    const waiting = retrying(policy, attempt, bounds);
    // A timer of one millisecond, as Node makes one of a delay that it cannot take, fires before this one.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(attempt.runs()).toBe(1);
    stop.abort();
    await waiting;
  });
});

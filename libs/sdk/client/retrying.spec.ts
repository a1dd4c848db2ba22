import { describe, expect, it } from '@jest/globals';
import { type ErrorCode, NexusError } from '@nexus/contracts';
import { retrying } from './retrying.js';

const policy = { retriesMax: 3, baseMs: 1, capMs: 2 };
const soon = () => ({ deadlineMs: performance.now() + 10_000 });

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
});

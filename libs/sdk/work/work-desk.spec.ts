import { describe, expect, it } from '@jest/globals';
import { RetryBudget } from '../client/retry-budget.js';
import { retryDefaults } from '../client/retrying.js';
import { WorkDesk } from './work-desk.js';

describe('WorkDesk', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a time-out of %s, and sends nothing',
    async (timeoutMs) => {
      let sent = 0;
      const desk = new WorkDesk({
        send: () => {
          sent += 1;
          return Promise.reject(new Error('not to be sent'));
        },
        ...{ policy: retryDefaults, budget: new RetryBudget(), graceMs: 0 },
      });
      await expect(desk.dispatch({ group: 'workers' }, null, { timeoutMs })).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining('timeoutMs'),
      });
      await desk.close(0);
      expect(sent).toBe(0);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { firstEvent } from './first-event.js';

describe('firstEvent', () => {
  it('waits, however long a wait it is given', async () => {
    // A timer of one millisecond, as Node makes one of a delay that it cannot take, fires before the event.
    const waiting = firstEvent({
      listen: ({ resolve }) => {
        const timer = setTimeout(resolve, 50);
        return () => clearTimeout(timer);
      },
      withinMs: 2 ** 31,
      late: () => new Error('late'),
    });
    await expect(waiting).resolves.toBeUndefined();
  });
});

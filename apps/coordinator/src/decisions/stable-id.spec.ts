import { describe, expect, it } from '@jest/globals';
import { limits, requestIdSchema } from '@nexus/contracts';
import { stableId } from './stable-id.js';

describe('stableId', () => {
  it('is the same for repeats and another for other requests and other users', () => {
    expect(stableId('ann', 'r-1')).toBe(stableId('ann', 'r-1'));
    const ids = [
      stableId('ann', 'r-1'),
      stableId('ann', 'r-2'),
      stableId('bob', 'r-1'),
      stableId('ann-r', '1'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('fits a request id, however long the ids that it is made of', () => {
    const id = stableId('u'.repeat(limits.idCharsMax), '~'.repeat(limits.requestIdCharsMax));
    expect(requestIdSchema.safeParse(id).success).toBe(true);
  });
});

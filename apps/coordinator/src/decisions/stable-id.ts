import { createHash } from 'node:crypto';

/**
 * The request id in the decision log of what was asked under a caller's own id: the same for all repeats, whichever
 * coordinator serves them, another for every other user, and within the bounds of an id whatever theirs look like.
 */
export const stableId = (user: string, requestId: string): string =>
  `goal-${createHash('sha256')
    .update(JSON.stringify([user, requestId]))
    .digest('base64url')}`;

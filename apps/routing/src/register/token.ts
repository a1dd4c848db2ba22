import { createHash, randomBytes } from 'node:crypto';

const tokenBytes = 16;
/** As long as ours: what is shorter could be guessed. */
const ownMaking = /^[\w-]{22,128}$/;

/** A secret that nobody can guess: proves that a later message is from the registration that got it. */
export const newToken = (): string => randomBytes(tokenBytes).toString('base64url');

/**
 * Whether an agent may have this token for a free id. An agent that shows one of its own making from its first
 * registration on can repeat it when the answer was lost, and is known.
 */
export const isOwnMaking = (token: string | undefined): token is string =>
  token !== undefined && ownMaking.test(token);

/** What is kept of a token: whoever reads Redis or the internal subjects learns none. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

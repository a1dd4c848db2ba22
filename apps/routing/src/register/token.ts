import { createHash, randomBytes } from 'node:crypto';

const tokenBytes = 16;

/** A secret that nobody can guess: proves that a later message is from the registration that got it. */
export const newToken = (): string => randomBytes(tokenBytes).toString('base64url');

/** What is kept of a token: whoever reads Redis or the internal subjects learns none. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

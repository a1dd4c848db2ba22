import { randomBytes } from 'node:crypto';

const tokenBytes = 16;

/** A secret that nobody can guess: proves that a later message is from the registration that got it. */
export const newToken = (): string => randomBytes(tokenBytes).toString('base64url');

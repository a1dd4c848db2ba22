import { randomFillSync } from 'node:crypto';

/** 72 bits: nobody guesses one within the life of a request. They make 12 characters of base64, without a rest. */
const tokenBytes = 9;
const tokenChars = 12;
const pool = Buffer.alloc(tokenBytes * 256);
let tokens = '';
let used = 0;

/** A subject token that nobody can guess. Many are drawn, and written, at once: each draw costs more than a token. */
export function newReplyToken(): string {
  if (used === tokens.length) {
    tokens = randomFillSync(pool).toString('base64url');
    used = 0;
  }
  used += tokenChars;
  return tokens.slice(used - tokenChars, used);
}

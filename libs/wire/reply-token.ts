import { randomFillSync } from 'node:crypto';

/** 72 bits: nobody guesses one within the life of a request. */
const tokenBytes = 9;
const pool = Buffer.alloc(tokenBytes * 256);
let used = pool.length;

/** A subject token that nobody can guess. Random bytes are drawn for many at once: one draw costs more than a token. */
export function newReplyToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const token = pool.toString('base64url', used, used + tokenBytes);
  used += tokenBytes;
  return token;
}

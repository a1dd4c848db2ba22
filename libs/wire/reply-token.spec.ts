import { describe, expect, it } from '@jest/globals';
import { newReplyToken } from './reply-token.js';

describe('newReplyToken', () => {
  it('makes subject tokens of 72 bits, none twice', () => {
    const tokens = Array.from({ length: 10_000 }, newReplyToken);
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(token).toMatch(/^[A-Za-z0-9_-]{12}$/);
  });
});

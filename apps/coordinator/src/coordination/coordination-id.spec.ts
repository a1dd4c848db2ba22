import { describe, expect, it } from '@jest/globals';
import { newCoordinationId } from './coordination-id.js';

describe('newCoordinationId', () => {
  it('is a ULID that never comes twice, also beyond one draw of random bytes', () => {
    const ids = Array.from({ length: 2_000 }, newCoordinationId);
    expect(new Set(ids).size).toBe(2_000);
    for (const id of ids) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  });

  it('uses every character at every place of the random part', () => {
    const tails = Array.from({ length: 2_000 }, () => newCoordinationId().slice(10));
    for (let place = 0; place < 16; place += 1) {
      expect(new Set(tails.map((tail) => tail[place])).size).toBe(32);
    }
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { spread } from './image-writer.js';

describe('the images of several replicas', () => {
  it('are due at moments of their own, none more than a quarter early', () => {
    const policy = { entries: 200_000, bytes: 64_000_000 };
    const eighths = new Set<number>();
    for (let n = 0; n < 500; n += 1) {
      const { entries, bytes } = spread(policy, randomBytes(8).toString('hex'));
      expect(entries).toBeGreaterThanOrEqual(150_000);
      expect(entries).toBeLessThanOrEqual(200_000);
      expect(bytes / policy.bytes).toBeCloseTo(entries / policy.entries, 4);
      eighths.add(Math.floor(((entries - 150_000) / 50_000) * 8));
    }
    expect(eighths.size).toBeGreaterThanOrEqual(8);
    expect(spread(policy, 'a')).toEqual(spread(policy, 'a'));
  });
});

import { describe, expect, it } from '@jest/globals';
import { fastestHash } from './fastest-hash.js';

describe('fastestHash', () => {
  it('names one of those offered that this machine knows', () => {
    const fastest = fastestHash(['rot13', 'sha256', 'sha512']);
    expect(['sha256', 'sha512']).toContain(fastest?.hash);
    expect(fastest?.bytesPerMs).toBeGreaterThan(0);
  });

  it('names none when it knows none', () => {
    expect(fastestHash(['rot13'])).toBeNull();
  });
});

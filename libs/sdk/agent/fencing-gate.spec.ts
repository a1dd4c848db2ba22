import { describe, expect, it } from '@jest/globals';
import { FencingGate } from './fencing-gate.js';

describe('FencingGate', () => {
  it('refuses a token that is older than one it has seen, for good', () => {
    const gate = new FencingGate();
    expect([3, 3, 7, 3, 6, 7, 8].map((token) => gate.admits(token))).toEqual([
      ...[true, true, true],
      ...[false, false],
      ...[true, true],
    ]);
  });

  it('lets pass what is not part of an exclusive request', () => {
    const gate = new FencingGate();
    gate.admits(7);
    expect(gate.admits(undefined)).toBe(true);
    expect(gate.admits(6)).toBe(false);
  });
});

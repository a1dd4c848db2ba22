import { describe, expect, it, jest } from '@jest/globals';
import { MessageCodec } from '@nexus/mesh';
import { measureRounds, nexusPair, plainPair } from './one-round.js';

describe('a round of a pair', () => {
  it('of Nexus writes and reads each message as bytes', () => {
    const pair = nexusPair(12);
    const encode = jest.spyOn(MessageCodec.prototype, 'encode');
    const decode = jest.spyOn(MessageCodec.prototype, 'decode');
    try {
      pair.advance();
      pair.rounds();
      expect(encode.mock.calls.length).toBeGreaterThan(3);
      expect(decode.mock.calls.length).toBe(encode.mock.calls.length);
    } finally {
      encode.mockRestore();
      decode.mockRestore();
    }
  });

  it.each([
    ['plain push', plainPair],
    ['Nexus', nexusPair],
  ])('of %s can be measured', (_, pairOf) => {
    const { ratePerS, latenciesMs } = measureRounds(pairOf(12), 5);
    expect(ratePerS).toBeGreaterThan(0);
    expect(latenciesMs.length).toBeGreaterThan(0);
  });
});

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { PublishedKey } from './published-key.js';

const everyMs = 1_000;

describe('PublishedKey', () => {
  let published: unknown[];
  let isFull: boolean;
  let value: unknown;
  let warnings: jest.SpiedFunction<Logger['warn']>;
  let hint: PublishedKey;

  const put = (key: string, told: unknown) => {
    if (isFull) throw new NexusError('overloaded', `${key}: all keys are taken`);
    published.push(told);
  };
  const begin = () => (hint = new PublishedKey({ mesh: { put }, key: 'leader', read: () => value, everyMs }));

  beforeEach(() => {
    jest.useFakeTimers();
    warnings = jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
    [published, isFull, value] = [[], false, undefined];
  });
  afterEach(() => {
    hint.onModuleDestroy();
    warnings.mockRestore();
    jest.useRealTimers();
  });

  it('tells what is known, once for each change', () => {
    begin();
    for (const next of ['a', 'a', 'b']) {
      value = next;
      jest.advanceTimersByTime(everyMs);
    }
    expect(published).toEqual(['a', 'b']);
  });

  it('outlives that there is no room for it, says so once, and tries again', () => {
    [isFull, value] = [true, 'a'];
    begin();
    jest.advanceTimersByTime(3 * everyMs);
    expect(published).toEqual([]);
    expect(warnings.mock.calls).toEqual([[expect.stringContaining('leader is not told to others')]]);
    isFull = false;
    jest.advanceTimersByTime(everyMs);
    expect(published).toEqual(['a']);
  });

  it('names a failure again that comes back after a success', () => {
    [isFull, value] = [true, 'a'];
    begin();
    isFull = false;
    jest.advanceTimersByTime(everyMs);
    [isFull, value] = [true, 'b'];
    jest.advanceTimersByTime(2 * everyMs);
    expect(warnings).toHaveBeenCalledTimes(2);
  });
});

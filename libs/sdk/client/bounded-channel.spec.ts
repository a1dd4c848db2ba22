import { describe, expect, it } from '@jest/globals';
import { BoundedChannel } from './bounded-channel.js';

describe('BoundedChannel', () => {
  it('hands values over in order, to readers that came before or after them', async () => {
    const channel = new BoundedChannel<number, string>(2);
    const early = channel.pull();
    channel.push(1);
    channel.push(2);
    expect(await early).toEqual({ done: false, value: 1 });
    expect(await channel.pull()).toEqual({ done: false, value: 2 });
  });

  it('takes no more than its bound', () => {
    const channel = new BoundedChannel<number, string>(2);
    expect([1, 2, 3].map((value) => channel.push(value))).toEqual([true, true, false]);
  });

  it('gives what is buffered before its end', async () => {
    const channel = new BoundedChannel<number, string>(2);
    channel.push(1);
    channel.finish('end');
    expect(channel.push(2)).toBe(false);
    expect(await channel.pull()).toEqual({ done: false, value: 1 });
    expect(await channel.pull()).toEqual({ done: true, value: 'end' });
  });

  it('ends waiting readers, also with an error', async () => {
    const channel = new BoundedChannel<number, string>(2);
    const waiting = channel.pull();
    channel.fail(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(channel.pull()).rejects.toThrow('over');
  });
});

import { describe, expect, it } from '@jest/globals';
import { Kept, type Frontiers, type KeptOptions, type RangeRequest } from './index.js';

const options: KeptOptions = {
  messagesMax: 5,
  bytesMax: 100,
  ageMsMax: 1_000,
  channelsMax: 2,
  sendersMax: 3,
  receiversMax: 3,
};
const a = 'a.00000001';
const asked: RangeRequest = { channel: 'all', sender: a, from: 1, to: 9, countMax: 9, bytesMax: 1_000 };

interface Keeping {
  readonly sender?: string;
  readonly channel?: string;
  readonly bytes?: number;
  readonly nowMs?: number;
}

function keep(
  kept: Kept<string>,
  sequences: readonly number[],
  { sender = a, channel = 'all', bytes = 10, nowMs = 0 }: Keeping = {},
): void {
  for (const sequence of sequences) {
    const stamp = { sender, broadcast: { channel, sequence }, after: new Map() };
    kept.keep(stamp, `${sender[0]}${sequence}`, { bytes, nowMs });
  }
}

const had = (entries: Record<string, number>): Frontiers =>
  new Map([['all', new Map(Object.entries(entries))]]);

describe('broadcasts kept for repair', () => {
  it('are answered in the order of their sequence, as many as fit', () => {
    const kept = new Kept<string>(options);
    keep(kept, [1, 2, 3, 4]);
    expect(kept.range({ ...asked, from: 2, to: 3 }, 0)).toEqual({ messages: ['a2', 'a3'], keptFrom: 1 });
    expect(kept.range({ ...asked, countMax: 2 }, 0).messages).toEqual(['a1', 'a2']);
    expect(kept.range({ ...asked, bytesMax: 25 }, 0).messages).toEqual(['a1', 'a2']);
    expect(kept.range({ ...asked, bytesMax: 1 }, 0).messages).toEqual(['a1']);
    expect(kept.range({ ...asked, to: Number.MAX_SAFE_INTEGER }, 0).messages).toHaveLength(4);
  });

  it('say from where on they are kept, and nothing of whom they do not know', () => {
    const kept = new Kept<string>(options);
    keep(kept, [1, 2, 3, 4, 5, 6, 7]);
    expect(kept.range(asked, 0)).toEqual({ messages: ['a3', 'a4', 'a5', 'a6', 'a7'], keptFrom: 3 });
    expect(kept.range({ ...asked, sender: 'b.00000001' }, 0)).toEqual({ messages: [], keptFrom: undefined });
    expect(kept.range({ ...asked, channel: 'group.a' }, 0)).toEqual({ messages: [], keptFrom: undefined });
    expect(kept.range(asked, 1_000)).toEqual({ messages: [], keptFrom: 8 });
    expect([kept.size, kept.bytes]).toEqual([0, 0]);
  });

  it('are bounded by count, bytes, age and channels', () => {
    const kept = new Kept<string>(options);
    keep(kept, [1, 2, 3], { bytes: 40 });
    expect([kept.size, kept.bytes]).toEqual([2, 80]);
    keep(kept, [4], { bytes: 101 });
    expect(kept.keptFrom('all', a)).toBe(2);
    keep(kept, [1], { channel: 'group.a' });
    keep(kept, [1], { channel: 'group.b' });
    expect([kept.keptFrom('all', a), kept.keptFrom('group.a', a)]).toEqual([undefined, 1]);
    kept.expire(5_000);
    expect(kept.size).toBe(0);
  });

  it('are kept once, and those to single receivers not at all', () => {
    const kept = new Kept<string>(options);
    keep(kept, [1, 1]);
    kept.keep({ sender: a, broadcast: undefined, after: new Map() }, 'targeted', { bytes: 1, nowMs: 0 });
    expect([kept.size, kept.bytes]).toEqual([1, 10]);
  });

  it('are of as many senders as there is room for; one of which nothing is left makes room', () => {
    const kept = new Kept<string>(options);
    for (const sender of ['b.1', 'c.1', 'd.1', 'e.1']) keep(kept, [1], { sender });
    expect(kept.keptFrom('all', 'e.1')).toBeUndefined();
    keep(kept, [3], { sender: 'e.1', nowMs: 2_000 });
    expect([kept.size, kept.keptFrom('all', 'e.1')]).toEqual([1, 3]);
  });

  it('go once everybody has them, and not before', () => {
    const kept = new Kept<string>(options);
    keep(kept, [1, 2, 3]);
    kept.note('x', had({ [a]: 3 }));
    kept.note('y', had({ [a]: 2 }));
    expect(kept.pruneStable('all', ['x', 'y', 'z'])).toBe(0);
    kept.note('z', had({ [a]: 2 }));
    kept.note('z', had({ [a]: 1 }));
    expect(kept.pruneStable('all', ['x', 'y', 'z'])).toBe(2);
    expect(kept.keptFrom('all', a)).toBe(3);
    // Who left is waited for no more.
    expect(kept.pruneStable('all', ['x'])).toBe(1);
    expect(kept.pruneStable('all', [])).toBe(0);
  });

  it('wait for receivers that nothing is known of, also when there is no room for what they say', () => {
    const kept = new Kept<string>(options);
    keep(kept, [1]);
    for (const receiver of ['w', 'x', 'y', 'z']) kept.note(receiver, had({ [a]: 1 }));
    expect(kept.pruneStable('all', ['w', 'x', 'y', 'z'])).toBe(0);
    expect(kept.pruneStable('all', ['w', 'x', 'y'])).toBe(1);
  });
});

import { describe, expect, it } from '@jest/globals';
import { type Frontiers, frontiersSchema } from '@nexus/contracts';
import { SeenFrontiers } from './seen-frontiers.js';

const sender = (name: number | string) => `s${name}.aaaaaaaa`;
const frontiers = (of: Record<string, Record<string, number>>): Frontiers => frontiersSchema.parse(of);

describe('SeenFrontiers', () => {
  it('knows of nothing at first', () => {
    expect(new SeenFrontiers().current()).toBeUndefined();
  });

  it('keeps the furthest of each sender on each channel', () => {
    const seen = new SeenFrontiers();
    seen.merge(frontiers({ all: { [sender(1)]: 3 }, 'group.g': { [sender(1)]: 1 } }));
    seen.merge(frontiers({ all: { [sender(1)]: 2, [sender(2)]: 7 } }));
    expect(seen.current()).toEqual({
      all: { [sender(1)]: 3, [sender(2)]: 7 },
      'group.g': { [sender(1)]: 1 },
    });
  });

  it('names no more what did not advance for two minutes, also when it is told again', () => {
    const seen = new SeenFrontiers();
    seen.merge(frontiers({ all: { [sender(1)]: 3, [sender(2)]: 1 } }), 0);
    seen.merge(frontiers({ all: { [sender(1)]: 3, [sender(2)]: 2 } }), 100_000);
    expect(seen.current(130_000)).toEqual({ all: { [sender(2)]: 2 } });
    seen.merge(frontiers({ all: { [sender(1)]: 3 } }), 140_000);
    expect(seen.current(140_000)).toEqual({ all: { [sender(2)]: 2 } });
    seen.merge(frontiers({ all: { [sender(1)]: 4 } }), 150_000);
    expect(seen.current(150_000)).toEqual({ all: { [sender(1)]: 4, [sender(2)]: 2 } });
    expect(seen.current(400_000)).toBeUndefined();
  });

  it('is bounded by senders, and forgets those that changed longest ago', () => {
    const seen = new SeenFrontiers();
    for (let each = 0; each < 600; each += 1) seen.merge(frontiers({ all: { [sender(each)]: 1 } }));
    const senders = Object.keys(new Map(Object.entries(seen.current()!)).get('all')!);
    expect(senders).toHaveLength(512);
    expect(senders).toContain(sender(599));
    expect(senders).not.toContain(sender(0));
  });

  it('is bounded by channels as the contract is', () => {
    const seen = new SeenFrontiers();
    for (let each = 0; each < 100; each += 1)
      seen.merge(frontiers({ [`group.g${each}`]: { [sender(1)]: 1 } }));
    const current = seen.current();
    expect(frontiersSchema.safeParse(current).success).toBe(true);
    expect(Object.keys(current!)).toContain('group.g99');
  });
});

import { describe, expect, it } from '@jest/globals';
import {
  type CausalStamp,
  causalStampSchema,
  type Channel,
  type Frontiers,
  frontiersSchema,
} from '@nexus/contracts';
import { SeenFrontiers } from './seen-frontiers.js';

const sender = (name: number | string) => `s${name}.aaaaaaaa`;
const frontiers = (of: Record<string, Record<string, number>>): Frontiers => frontiersSchema.parse(of);

const toldOn = (channel: string, by: string, sequence: number): CausalStamp =>
  causalStampSchema.parse({ sender: by, broadcast: { channel, sequence }, after: {} });
/** What is named of one channel. */
const namedOn = (seen: SeenFrontiers, channel: string, nowMs?: number): Record<string, number> =>
  seen.current(nowMs)?.[channel as Channel] ?? {};
const many = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, each) => [sender(each), 1]));

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
    seen.merge(frontiers({ all: { [sender(1)]: 3, [sender(2)]: 1 } }), { nowMs: 0 });
    seen.merge(frontiers({ all: { [sender(1)]: 3, [sender(2)]: 2 } }), { nowMs: 100_000 });
    expect(seen.current(130_000)).toEqual({ all: { [sender(2)]: 2 } });
    seen.merge(frontiers({ all: { [sender(1)]: 3 } }), { nowMs: 140_000 });
    expect(seen.current(140_000)).toEqual({ all: { [sender(2)]: 2 } });
    seen.merge(frontiers({ all: { [sender(1)]: 4 } }), { nowMs: 150_000 });
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

  it('keeps of a reply beyond its bound what the reply names first', () => {
    const seen = new SeenFrontiers();
    seen.merge(frontiers({ 'group.told': many(20), 'group.other': many(580) }));
    expect(namedOn(seen, 'group.told')).toEqual(many(20));
    expect(namedOn(seen, 'group.other')).toEqual(many(492));
  });

  it('keeps all of the channel that was told, wherever the reply names it', () => {
    const seen = new SeenFrontiers();
    const told = many(20);
    seen.merge(frontiers({ 'group.told': told }), { stamp: toldOn('group.told', sender(3), 1), nowMs: 0 });
    const next = { ...told, [sender(3)]: 2 };
    const reply = frontiers({ 'group.other': many(580), 'group.told': next });
    // Most of them did not advance.
    seen.merge(reply, { stamp: toldOn('group.told', sender(3), 2), nowMs: 100_000 });
    expect(namedOn(seen, 'group.told', 100_000)).toEqual(next);
    expect(Object.keys(namedOn(seen, 'group.other', 100_000))).toHaveLength(492);
    expect(namedOn(seen, 'group.told', 130_000)).toEqual({ [sender(3)]: 2 });
  });

  it('keeps the broadcast itself, whoever sends on its channel and however often it is told', () => {
    const seen = new SeenFrontiers();
    for (const sequence of [1, 2, 3]) {
      const stamp = toldOn('all', sender(599), sequence);
      seen.merge(frontiers({ all: { ...many(599), [sender(599)]: sequence } }), { stamp });
      expect(namedOn(seen, 'all')).toMatchObject({ [sender(0)]: 1, [sender(599)]: sequence });
      expect(Object.keys(namedOn(seen, 'all'))).toHaveLength(512);
    }
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

import { describe, expect, it } from '@jest/globals';
import {
  type Fence,
  keySchema,
  memberIdSchema,
  NexusError,
  nodeIdSchema,
  parse,
  type SharedKey,
} from '@nexus/contracts';
import { InMemoryDecisionLog } from '@nexus/testing';
import { ConflictResolutionDuty } from './conflict-resolution.duty.js';
import { newcomerTurns, openMax, openResolutionsKey, quietTurnsMin } from './open-resolutions.js';
import { covers, type Resolution, resolutionKeyOf } from './resolution.js';
import { toldSchema } from './told.js';

const election = 'coordinator.duties';
const channels: Readonly<Record<string, string>> = { a: 'group.one', b: 'group.two', c: 'all' };
/** What agents publish is no account of a coordinator. */
const agents: ReadonlySet<string> = new Set(['x', 'y']);

/** The keys that all members share, as one member sees them. */
class Keys {
  private readonly standing = new Map<string, SharedKey>();
  private readonly listeners = new Set<(key: SharedKey) => void>();

  get(key: string) {
    return this.standing.get(key);
  }

  on(listener: (key: SharedKey) => void) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  stand(name: string, values: Record<string, unknown>, clock: Record<string, number> = { a: 1, b: 1 }) {
    const key: SharedKey = {
      key: keySchema.parse(name),
      values: Object.entries(values).map(([by, value]) => ({
        by: memberIdSchema.parse(by),
        value,
        clock: { [by]: 1 },
      })),
      clock,
      conflict: Object.keys(values).length > 1,
    };
    this.standing.set(name, key);
    for (const listener of this.listeners) listener(key);
  }
}

/** Tells by putting the value in the place of what it covers; or dies. */
class Teller {
  readonly told: { key: string; resolution: Resolution }[] = [];
  dying = false;

  constructor(private readonly keys: Keys) {}

  tell(key: string, resolution: Resolution) {
    if (this.dying) return Promise.reject(new NexusError('unavailable', 'killed'));
    this.told.push({ key, resolution });
    const standing = this.keys.get(key);
    if (standing && covers(resolution.clock, standing.clock)) {
      this.keys.stand(key, { [resolution.by]: resolution.value }, { ...resolution.clock, a: 9 });
    }
    return Promise.resolve();
  }
}

async function scene() {
  const log = new InMemoryDecisionLog();
  const { fencingToken } = await log.propose({ type: 'campaign', election, candidate: 'c-1' });
  const fence: Fence = { resource: election, token: fencingToken! };
  const keys = new Keys();
  const events: string[] = [];
  const coordinator = async (self: string, turnsBefore = newcomerTurns) => {
    const teller = new Teller(keys);
    const duty = new ConflictResolutionDuty({
      ...{ log, teller, shared: keys, timeoutMs: 100, self: parse(nodeIdSchema, self, 'node') },
      values: {
        toldBy: (by, key) =>
          agents.has(by)
            ? undefined
            : toldSchema.parse({ channel: channels[by], sender: `${by}.abcdefgh`, sequence: key.length }),
        isOfService: (by) => !agents.has(by),
      },
      events: { publish: (name, body) => void events.push(`${name} ${(body as SharedKey).key}`) },
    });
    const perform = () => duty.perform(fence, new AbortController().signal);
    for (let turn = 0; turn < turnsBefore; turn += 1) await perform();
    return { teller, perform };
  };
  return { log, keys, events, coordinator };
}

const values = { a: 'red', b: 'blue' };

describe('the resolution of shared keys', () => {
  it('lets the log decide, then tells it where the siblings had been told', async () => {
    const { log, keys, events, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', values);
    keys.stand('calm', { a: 'red' });
    await perform();
    const { value } = await log.read(resolutionKeyOf('mode'));
    expect(teller.told).toEqual([{ key: 'mode', resolution: value }]);
    expect(value).toMatchObject({
      clock: { a: 1, b: 1 },
      told: [
        { channel: 'group.one', sender: 'a.abcdefgh' },
        { channel: 'group.two', sender: 'b.abcdefgh' },
      ],
      resolvedBy: 'c-1',
    });
    expect(['red', 'blue']).toContain((value as Resolution).value);
    expect(events).toEqual(['gossip.resolved mode']);
    await perform();
    expect(teller.told).toHaveLength(1);
  });

  it('never lets what agents put beside a value win, nor be told', async () => {
    const { keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    const names = Array.from({ length: 16 }, (_, at) => `mode-${at}`);
    for (const name of names) keys.stand(name, { a: 'red', x: 'false', y: 'wrong' }, { a: 1, x: 1, y: 1 });
    await perform();
    expect(teller.told.map(({ resolution }) => resolution)).toEqual(
      names.map(() => expect.objectContaining({ by: 'a', value: 'red', unrivalled: true })),
    );
  });

  it('tells of two told values what was told of them alone, whatever agents put beside', async () => {
    const { keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', { ...values, x: 'false' }, { a: 1, b: 1, x: 1 });
    await perform();
    const { value, told, unrivalled, clock } = teller.told[0]!.resolution;
    expect(['red', 'blue']).toContain(value);
    expect(told.map(({ sender }) => sender)).toEqual(['a.abcdefgh', 'b.abcdefgh']);
    expect([unrivalled, clock]).toEqual([false, { a: 1, b: 1, x: 1 }]);
  });

  it('of what agents alone put is told to nobody', async () => {
    const { keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', { x: 'red', y: 'blue' }, { x: 1, y: 1 });
    await perform();
    expect(teller.told.map(({ resolution }) => resolution.told)).toEqual([[]]);
  });

  it('is finished by another when one dies after the log has decided', async () => {
    const { log, keys, coordinator } = await scene();
    const [first, second] = [await coordinator('c-1'), await coordinator('c-2')];
    keys.stand('mode', values);
    first.teller.dying = true;
    await expect(first.perform()).rejects.toMatchObject({ code: 'unavailable' });
    const { value, version } = await log.read(resolutionKeyOf('mode'));
    await second.perform();
    expect(second.teller.told).toEqual([{ key: 'mode', resolution: value }]);
    expect(await log.read(resolutionKeyOf('mode'))).toMatchObject({ version, value: { resolvedBy: 'c-1' } });
  });

  it('is decided by the log when two resolve at once', async () => {
    const { keys, coordinator } = await scene();
    const [first, second] = [await coordinator('c-1'), await coordinator('c-2')];
    keys.stand('mode', values);
    await Promise.all([first.perform(), second.perform()]);
    expect([...first.teller.told, ...second.teller.told]).toHaveLength(1);
    expect(keys.get('mode')?.conflict).toBe(false);
  });

  it('decides anew about a value that came after the decision', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', values);
    teller.dying = true;
    await expect(perform()).rejects.toThrow('killed');
    const before = await log.read(resolutionKeyOf('mode'));
    keys.stand('mode', { ...values, c: 'green' }, { a: 1, b: 1, c: 1 });
    teller.dying = false;
    await perform();
    const { value, version } = await log.read(resolutionKeyOf('mode'));
    expect(version).toBeGreaterThan(before.version);
    expect((value as Resolution).clock).toEqual({ a: 1, b: 1, c: 1 });
  });

  it('lets all stand side by side while the log is away, and goes on when it is back', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', values);
    log.down = new NexusError('unavailable', 'no leader');
    for (let turn = 0; turn < 3; turn += 1) {
      await expect(perform()).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(keys.get('mode')?.values).toHaveLength(2);
    expect(teller.told).toEqual([]);
    log.down = undefined;
    await perform();
    expect(keys.get('mode')?.conflict).toBe(false);
  });

  it('tells nothing out of office', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    await log.propose({ type: 'resign', election, candidate: 'c-1' });
    keys.stand('mode', values);
    await expect(perform()).rejects.toMatchObject({ code: 'conflict' });
    expect(teller.told).toEqual([]);
  });

  it('does not know that the log took it, and finds it there', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', values);
    log.onChanges = ([change]) => {
      if (change?.kind !== 'key' || change.key !== openResolutionsKey) return;
      queueMicrotask(() => (log.unheard = new NexusError('unknown', 'the answer was lost')));
    };
    await expect(perform()).rejects.toMatchObject({ code: 'unknown' });
    await perform();
    expect(teller.told).toHaveLength(1);
    const puts = log.commands.flatMap((command) => (command.type === 'put' ? [command.key] : []));
    expect(puts.filter((key) => key === resolutionKeyOf('mode'))).toHaveLength(1);
  });

  it('of one key that the log has no room for does not hold the others up', async () => {
    const { keys, coordinator, log } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('deep', { a: nested(2_000), b: 'blue' });
    keys.stand('mode', values);
    const before = log.commands.length;
    await perform();
    await perform();
    expect(teller.told.map(({ key }) => key)).toContain('mode');
    expect(log.commands.length).toBeGreaterThan(before);
  });

  it('is deleted when it has been of no use for long, and nothing is left of it', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform } = await coordinator('c-1');
    for (let at = 0; at < 40; at += 1) keys.stand(`mode-${at}`, values);
    await perform();
    await perform();
    for (let turn = 0; turn < quietTurnsMin - 2; turn += 1) await perform();
    expect((await log.read(resolutionKeyOf('mode-0'))).version).toBeGreaterThan(0);
    for (let turn = 0; turn < 6; turn += 1) await perform();
    for (let at = 0; at < 40; at += 1) {
      expect(await log.read(resolutionKeyOf(`mode-${at}`))).toMatchObject({ value: null, version: 0 });
    }
    expect((await log.read(openResolutionsKey)).value).toEqual([]);
    const proposed = log.commands.length;
    await perform();
    expect(log.commands).toHaveLength(proposed);
  });

  it('stands for as long as its conflict shows, and for long after that', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    keys.stand('mode', values);
    teller.dying = true;
    for (let turn = 0; turn < 2 * quietTurnsMin; turn += 1) await expect(perform()).rejects.toThrow('killed');
    const { version } = await log.read(resolutionKeyOf('mode'));
    expect(version).toBeGreaterThan(0);
    teller.dying = false;
    for (let turn = 0; turn < quietTurnsMin; turn += 1) await perform();
    expect((await log.read(resolutionKeyOf('mode'))).version).toBe(version);
  });

  it('that one left is deleted by who takes office next, though the key is forgotten', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform } = await coordinator('c-1');
    keys.stand('mode', values);
    await perform();
    keys.stand('mode', {});
    const next = await coordinator('c-2', 0);
    for (let turn = 0; turn < quietTurnsMin + 1; turn += 1) await next.perform();
    expect((await log.read(resolutionKeyOf('mode'))).version).toBe(0);
    expect((await log.read(openResolutionsKey)).value).toEqual([]);
  });

  it('is left to others by who has just taken office, but for what the log has', async () => {
    const { log, keys, coordinator } = await scene();
    const first = await coordinator('c-1');
    const { perform, teller } = await coordinator('c-2', 0);
    keys.stand('mode', values);
    first.teller.dying = true;
    await expect(first.perform()).rejects.toThrow('killed');
    keys.stand('calm', values);
    for (let turn = 0; turn < newcomerTurns; turn += 1) await perform();
    expect(teller.told.map(({ key }) => key)).toEqual(['mode']);
    expect((await log.read(resolutionKeyOf('calm'))).version).toBe(0);
    await perform();
    expect(teller.told.map(({ key }) => key)).toEqual(['mode', 'calm']);
  });

  it('of agents alone never takes the room of those of services', async () => {
    const { log, keys, coordinator } = await scene();
    const { perform, teller } = await coordinator('c-1');
    // Their values never agree: each is at odds again once it is resolved.
    const names = Array.from({ length: openMax }, (_, at) => `noise-${at}`);
    for (let turn = 0; turn < openMax / 32; turn += 1) {
      for (const name of names.slice(turn * 32, turn * 32 + 32))
        keys.stand(name, { x: 1, y: 2 }, { x: 1, y: 1 });
      await perform();
    }
    const { value } = await log.read(openResolutionsKey);
    expect(value).toHaveLength(openMax / 2);
    keys.stand('mode', values);
    for (let turn = 0; turn < openMax / 32; turn += 1) await perform();
    expect(teller.told.map(({ key }) => key)).toContain('mode');
  });

  it('stands under a key of its own, however many segments the shared one has', () => {
    const eight = 'a.b.c.d.e.f.g.h';
    expect(resolutionKeyOf('mode')).toBe('resolution.mode');
    expect(keySchema.safeParse(resolutionKeyOf(eight)).success).toBe(true);
    expect(resolutionKeyOf(eight)).not.toBe(resolutionKeyOf('a.b.c.d.e.f.g.i'));
  });
});

function nested(levels: number): unknown {
  return Array.from({ length: levels }).reduce((inner) => [inner], 0);
}

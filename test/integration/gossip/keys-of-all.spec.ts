import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SharedKey } from '@nexus/contracts';
import { SharedKeys } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { CuttablePath } from './support/cuttable-path.js';
import { allSee, converged, type MemberSpec, MeshRig, type RiggedMember } from './support/mesh-rig.js';

interface Sharing extends RiggedMember {
  readonly keys: SharedKeys;
}

const valuesOf = (key: SharedKey | undefined): unknown[] => (key?.values ?? []).map(({ value }) => value);

describe('SharedKeys', () => {
  let rig: MeshRig;
  let a: Sharing;
  let b: Sharing;
  let c: Sharing;
  let all: Sharing[];

  const join = async (id: string, spec: MemberSpec = {}): Promise<Sharing> => {
    const member = await rig.join(id, spec);
    return { ...member, keys: new SharedKeys(member.mesh) };
  };

  beforeAll(async () => {
    rig = await MeshRig.start();
    all = await Promise.all(['a', 'b', 'c'].map((id) => join(id)));
    [a, b, c] = all as [Sharing, Sharing, Sharing];
    await allSee(all, ['a', 'b', 'c']);
  });
  afterAll(() => rig.stop());

  const allRead = (key: string, values: readonly unknown[], by = all) =>
    eventually(`all read ${JSON.stringify(values)} of ${key}`, () =>
      by.every(({ keys }) => JSON.stringify(valuesOf(keys.get(key))) === JSON.stringify(values)),
    );

  it('lets all read what one put, whoever puts next', async () => {
    const put = a.keys.put('colour', { name: 'red' }, { urgent: true });
    expect(put).toMatchObject({
      key: 'colour',
      values: [{ value: { name: 'red' }, by: 'a' }],
      conflict: false,
    });
    await allRead('colour', [{ name: 'red' }]);
    // Without a clock it replaces what it knows, whoever put that.
    b.keys.put('colour', { name: 'blue' });
    await allRead('colour', [{ name: 'blue' }]);
    await eventually('a keeps nothing that was replaced', () => !a.mesh.keysOf('a').has('s/colour'));
    expect([...c.keys.list({ prefix: 'col' })].map(({ key }) => String(key))).toEqual(['colour']);
  });

  it('keeps what was put concurrently side by side, until a put with its clock replaces both', async () => {
    const heard: SharedKey[] = [];
    const stop = c.keys.on((key) => heard.push(key));
    a.keys.put('mode', 'fast');
    b.keys.put('mode', 'safe');
    await allRead('mode', ['fast', 'safe']);
    const conflict = c.keys.get('mode')!;
    expect(conflict).toMatchObject({
      conflict: true,
      clock: { a: expect.any(Number), b: expect.any(Number) },
    });
    expect(heard.some(({ key, conflict: is }) => key === 'mode' && is)).toBe(true);
    c.keys.put('mode', 'resolved', { clock: conflict.clock });
    await allRead('mode', ['resolved']);
    expect(heard.at(-1)).toMatchObject({
      key: 'mode',
      conflict: false,
      values: [{ value: 'resolved', by: 'c' }],
    });
    stop();
  });

  it('keeps both of two puts through one member that had read the same', () => {
    const { clock } = a.keys.put('twice', 0);
    a.keys.put('twice', 1, { clock });
    expect(valuesOf(a.keys.put('twice', 2, { clock }))).toEqual([1, 2]);
    expect(valuesOf(a.keys.put('twice', 3))).toEqual([3]);
  });

  it('refuses further siblings beyond a bound, and a clock of what never was', () => {
    const { clock } = a.keys.put('many', 0);
    const fill = () => {
      for (let at = 0; at < 100; at += 1) a.keys.put('many', at, { clock });
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(valuesOf(a.keys.put('many', 'one'))).toEqual(['one']);
    for (const lie of [{ a: Date.now() + 3_600_000 }, { b: Number.MAX_SAFE_INTEGER }, { b: -1 }]) {
      expect(() => a.keys.put('many', 1, { clock: lie })).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      );
    }
  });

  it('removes what others put, for good', async () => {
    a.keys.put('old', 1);
    await allRead('old', [1]);
    expect(c.keys.remove('old')).toMatchObject({ values: [], conflict: false });
    await allRead('old', []);
    await eventually('who had put it has dropped it', () => !a.mesh.keysOf('a').has('s/old'));
    await converged(all);
    expect(all.map(({ keys }) => keys.get('old'))).toEqual([undefined, undefined, undefined]);
    // The removal stands like a value: what it replaced cannot come back, and a put replaces it.
    b.keys.put('old', 'new');
    await allRead('old', ['new']);
    await eventually('the removal is gone', () => !c.mesh.keysOf('c').has('s/old'));
  });

  it('forgets removals as time goes by, and has their room again', async () => {
    const settings = { keysMax: 6, tombstoneRounds: 13 };
    const small = await join('small', { settings, cluster: 'small' });
    const names = ['v', 'w', 'x', 'y', 'z'];
    for (const name of names) small.keys.put(name, 1);
    for (const name of names) small.keys.remove(name);
    expect(() => small.keys.put('new', 1)).toThrow(expect.objectContaining({ code: 'overloaded' }));
    const shared = () => [...small.mesh.keysOf('small').keys()].filter((key) => key.startsWith('s/'));
    await eventually('the removals are gone', () => shared().length === 0);
    await eventually('there is room', () => {
      try {
        return small.keys.put('new', 1);
      } catch {
        return false;
      }
    });
    await small.mesh.leave();
  });

  it('is not brought back by one that was cut off when it was removed', async () => {
    const path = await CuttablePath.to(rig.servers.natsUrl);
    try {
      const away = await join('away', { natsUrl: path.url });
      await allSee([...all, away], ['a', 'b', 'c', 'away']);
      away.keys.put('of-away', 'stale');
      await allRead('of-away', ['stale']);
      path.cut();
      a.keys.remove('of-away');
      await eventually('it is given up', () => all.every(({ mesh }) => mesh.statusOf('away') === 'dead'));
      path.heal();
      await allSee([...all, away], ['a', 'b', 'c', 'away']);
      await converged([...all, away]);
      await eventually('it has dropped what was removed', () => !away.mesh.keysOf('away').has('s/of-away'));
      expect([...all, away].map(({ keys }) => keys.get('of-away'))).toEqual(Array(4).fill(undefined));
      await away.mesh.leave();
    } finally {
      await path.close();
    }
  });

  it('takes a value for as long as who keeps it, and the next life counts on', async () => {
    const first = await join('short');
    await allSee([...all, first], ['a', 'b', 'c', 'short']);
    first.keys.put('life', 1);
    await allRead('life', [1]);
    await first.connection.nats.close();
    await allRead('life', []);
    const second = await join('short');
    await allSee([...all, second], ['a', 'b', 'c', 'short']);
    second.keys.put('life', 2);
    await allRead('life', [2]);
    await second.mesh.leave();
  });

  it('ignores values of others that are none, and counts them', async () => {
    const before = a.keys.stats().refusedValues;
    const soon = Date.now();
    const hostile: unknown[] = [
      'text',
      [],
      [[1]],
      [['1', {}, 1]],
      [[soon, [], 1, 1]],
      [[Number.MAX_SAFE_INTEGER, {}, 'from the far future']],
      [[soon, { b: Number.MAX_SAFE_INTEGER }, 1]],
      [[soon, { c: soon }, 'its own past is not before it']],
      // More of a's counter than a has issued.
      [[soon, { a: soon + 30_000 }, 1]],
      Array.from({ length: 17 }, (_, at) => [soon + at, {}, at]),
      [[soon, Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x${at}`, 1.5])), 1]],
      // Deeper than a reply may be.
      [[soon, {}, JSON.parse('['.repeat(40) + ']'.repeat(40))]],
    ];
    hostile.forEach((value, at) => c.mesh.put(`s/hostile-${at}`, value));
    c.mesh.put('s/no+key', 1);
    await eventually(
      'a has judged all of them',
      () => a.keys.stats().refusedValues >= before + hostile.length,
    );
    expect([...a.keys.list({ prefix: 'hostile' })]).toEqual([]);
    a.keys.put('after', 'works');
    await allRead('after', ['works'], [a, b]);
  });

  it('lets nobody replace what another has not written yet', async () => {
    const soon = Date.now() + 5_000;
    expect(() => a.keys.put('future', 'a says', { clock: { b: soon } })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
    c.mesh.put('s/future', [[Date.now(), { b: soon }, 'c says']]);
    c.keys.put('told', 1);
    await allRead('told', [1], [a, b]);
    expect([a, b].map(({ keys }) => keys.get('future'))).toEqual([undefined, undefined]);
    b.keys.put('future', 'b says');
    await allRead('future', ['b says'], [a, b]);
    // It stands beside what was written meanwhile, or replaces it by then, but it is not lost.
    await eventually('its time has come', () =>
      [a, b].every(({ keys }) => valuesOf(keys.get('future')).includes('c says')),
    );
  });

  it('lets names that nobody knows neither hide a value nor grow a clock', async () => {
    const bogus = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`nobody-${at}`, 5]));
    c.mesh.put('s/bogus', [[Date.now(), bogus, 'c says']]);
    await allRead('bogus', ['c says'], [a, b]);
    expect(Object.keys(a.keys.get('bogus')!.clock)).toEqual(['c']);
    expect(Object.keys(a.keys.put('bogus', 'a says').clock).sort()).toEqual(['a', 'c']);
    await allRead('bogus', ['a says'], [a, b]);
  });

  it('lets what an agent puts stand beside what services put, and replace none of it', async () => {
    a.keys.put('owned', 'by a service');
    await allRead('owned', ['by a service']);
    const { clock } = a.keys.get('owned')!;
    const { mesh } = await rig.join('zealot', { kind: 'agent' });
    const now = Date.now();
    mesh.put('s/owned', [[now, { ...clock }, 'by an agent']]);
    await allRead('owned', ['by a service', 'by an agent']);
    mesh.put('s/owned', [[now + 1, { ...clock }]]);
    await allRead('owned', ['by a service']);
    mesh.put('s/owned', [[now + 2, {}, 'by an agent']]);
    await allRead('owned', ['by a service', 'by an agent']);
    b.keys.put('owned', 'by both');
    await allRead('owned', ['by both']);
    await mesh.leave();
  });
});

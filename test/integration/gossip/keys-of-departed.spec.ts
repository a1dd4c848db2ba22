import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SharedKeys } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { CuttablePath } from './support/cuttable-path.js';
import { allSee, converged, MeshRig, type RiggedMember } from './support/mesh-rig.js';

interface Sharing extends RiggedMember {
  readonly keys: SharedKeys;
}

const key = 'mode';
const valuesAt = ({ keys }: Sharing, name = key): unknown[] =>
  (keys.get(name)?.values ?? []).map(({ value, by }) => `${String(value)} by ${by}`).sort();

describe('values in conflict whose keeper is gone', () => {
  let rig: MeshRig;
  let a: Sharing;
  let b: Sharing;
  let c: Sharing;
  let path: CuttablePath;

  const join = async (id: string, natsUrl = rig.servers.natsUrl): Promise<Sharing> => {
    const member = await rig.join(id, { natsUrl });
    return { ...member, keys: new SharedKeys(member.mesh) };
  };

  beforeEach(async () => {
    rig = await MeshRig.start();
    path = await CuttablePath.to(rig.servers.natsUrl);
    [a, b] = [await join('a'), await join('b')];
    c = await join('c', path.url);
    await allSee([a, b, c], ['a', 'b', 'c']);
    b.keys.put(key, 'fast', { clock: {} });
    c.keys.put(key, 'safe', { clock: {} });
    await allRead(['fast by b', 'safe by c'], [a, b, c]);
    await converged([a, b, c]);
  });
  afterEach(async () => {
    await path.close();
    await rig.stop();
  });

  const allRead = (values: readonly string[], by: readonly Sharing[]) =>
    eventually(`all read ${values.join(', ')}`, () =>
      by.every((member) => valuesAt(member).join() === values.join()),
    );
  const isGone = () =>
    eventually('it is given up', () => [a, b].every(({ mesh }) => mesh.statusOf('c') === 'dead'));
  const keeps = ({ mesh }: Sharing) => mesh.keysOf(mesh.id).has(`s/${key}`);

  it('stand as long as anybody lives, and are replaced together', async () => {
    path.cut();
    await isGone();
    expect([valuesAt(a), valuesAt(b)]).toEqual(Array(2).fill(['fast by b', 'safe by c']));
    await eventually('one that kept nothing has taken it over', () => keeps(a));
    // Who comes later hears of both.
    const later = await join('later');
    await allRead(['fast by b', 'safe by c'], [a, b, later]);
    await b.mesh.leave();
    await allRead(['fast by b', 'safe by c'], [a, later]);
    const { clock } = later.keys.get(key)!;
    expect(later.keys.put(key, 'resolved', { clock })).toMatchObject({ conflict: false });
    await allRead(['resolved by later'], [a, later]);
    await eventually('nothing is kept of what was replaced', () => !keeps(a));
  });

  it('are its own again when it was only cut off', async () => {
    path.cut();
    await isGone();
    await eventually('it is taken over', () => keeps(a));
    path.heal();
    await allSee([a, b, c], ['a', 'b', 'c']);
    await eventually('it has its value back', () => !keeps(a));
    await allRead(['fast by b', 'safe by c'], [a, b, c]);
    c.keys.put(key, 'resolved');
    await allRead(['resolved by c'], [a, b, c]);
    expect(keeps(a)).toBe(false);
  });

  it('stand beside nothing of its next life that had not read them', async () => {
    await c.connection.nats.close();
    await isGone();
    const next = await join('c');
    await allSee([a, b, next], ['a', 'b', 'c']);
    await allRead(['fast by b', 'safe by c'], [a, b, next]);
    next.keys.put(key, 'resolved');
    await allRead(['resolved by c'], [a, b, next]);
  });

  it('are not lost to a restart that nobody noticed', async () => {
    await c.connection.nats.close();
    const next = await join('c');
    await eventually('all know the next life', () =>
      [a, b].every(({ mesh }) => mesh.lifeOf('c')?.generation === next.mesh.generation),
    );
    await allRead(['fast by b', 'safe by c'], [a, b, next]);
  });

  it('are believed of services alone, and never where their author can say it itself', async () => {
    const soon = Date.now();
    const { mesh } = await rig.join('agent', { kind: 'agent' });
    const before = a.keys.stats().refusedValues;
    mesh.put('s/forged', [[soon, {}, 'an agent says', 'c']]);
    await eventually('it is refused', () => a.keys.stats().refusedValues > before);
    b.mesh.put('s/forged', [[soon, {}, 'b says', 'c']]);
    b.keys.put('after', 1);
    await eventually('all has come', () => valuesAt(a, 'after').length === 1);
    expect(valuesAt(a, 'forged')).toEqual([]);
  });
});

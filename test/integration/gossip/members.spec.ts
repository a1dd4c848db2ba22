import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MeshChange } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { allSee, converged, idsOf, MeshRig, type RiggedMember } from './support/mesh-rig.js';

const kindsOf = (changes: readonly MeshChange[], id: string): string[] =>
  changes
    .filter(({ memberId }) => String(memberId) === id)
    .map((change) => (change.kind === 'gone' ? change.reason : change.kind))
    .filter((kind) => kind !== 'key');

const hear = ({ mesh }: RiggedMember): MeshChange[] => {
  const changes: MeshChange[] = [];
  mesh.on((change) => changes.push(change));
  return changes;
};

describe('MeshMember on NATS', () => {
  let rig: MeshRig;
  beforeAll(async () => {
    rig = await MeshRig.start();
  });
  afterAll(() => rig.stop());

  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  let members: RiggedMember[];

  it('is converged with itself when it is alone', async () => {
    const alone = await rig.join('a');
    await eventually('it has made a round', () => alone.mesh.stats().roundsSent > 1);
    expect(alone.mesh.convergence()).toMatchObject({ converged: true, waitingFor: [] });
    expect(idsOf(alone.mesh)).toEqual(['a']);
    members = [alone];
  });

  it('finds the others by a seed, whoever that is', async () => {
    members.push(...(await rig.joinAll(ids.slice(1))));
    await allSee(members, ids);
    await converged(members);
    expect([...members[0]!.mesh.convergence().versions.keys()].map(String).sort()).toEqual(ids);
  });

  it('tells how the others are: service, vitals, the time to them and back', async () => {
    const seen = await eventually('it has measured somebody', () =>
      members[1]!.mesh
        .members()
        .find(({ rttMs, vitals }) => rttMs !== undefined && vitals?.rttMs !== undefined),
    );
    expect(seen).toMatchObject({
      kind: 'service',
      service: 'gossip',
      status: 'alive',
      vitals: { cpu: 0.5, memory: 0.25, loopLagMs: 1 },
    });
    expect(seen.rttMs).toBeGreaterThan(0);
    expect(seen.generation).toBeGreaterThan(1e12);
  });

  it('spreads what one publishes, and its removal', async () => {
    const [first, ...others] = members as [RiggedMember, ...RiggedMember[]];
    const changes = hear(others[0]!);
    first.mesh.put('leader', { leader: 'x', term: 3 });
    await eventually('all have it', () =>
      others.every(({ mesh }) => (mesh.get('a', 'leader') as { term?: number } | undefined)?.term === 3),
    );
    expect(changes).toContainEqual({
      kind: 'key',
      memberId: 'a',
      key: 'leader',
      value: { leader: 'x', term: 3 },
    });
    first.mesh.remove('leader', { urgent: true });
    await eventually('it is gone everywhere', () =>
      others.every(({ mesh }) => mesh.get('a', 'leader') === undefined && !mesh.keysOf('a').has('leader')),
    );
    await converged(members);
  });

  it('refuses what is no key, no value, or too much, and keeps what it had', () => {
    const { mesh } = members[0]!;
    mesh.put('kept', 1);
    expect(() => mesh.put('a b', 1)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(() => mesh.put('kept', undefined)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    const large = 'x'.repeat(mesh.settings.valueBytesMax);
    expect(() => mesh.put('kept', large)).toThrow(expect.objectContaining({ code: 'payload_too_large' }));
    const fill = () => {
      for (let at = 0; at <= mesh.settings.keysMax; at += 1) mesh.put(`k${at}`, at);
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'overloaded' }));
    expect(mesh.get('a', 'kept')).toBe(1);
  });

  it('brings a thousand keys of one member to all, within the bytes of its rounds', async () => {
    await eventually('all have all of them', () =>
      members.every(({ mesh }) => mesh.keysOf('a').size === members[0]!.mesh.keysOf('a').size),
    );
    for (const { mesh } of members) {
      expect(mesh.stats().bytesSentLastRound).toBeLessThanOrEqual(mesh.settings.roundBytesMax);
    }
  });

  it('notices that one has left, at once and by its word', async () => {
    const leaver = members.pop()!;
    const changes = members.map(hear);
    await leaver.mesh.leave();
    await eventually('all heard it', () => members.every(({ mesh }) => mesh.statusOf('f') === 'left'));
    expect(changes.map((heard) => kindsOf(heard, 'f'))).toEqual(members.map(() => ['left']));
    // Its silence now is no news.
    await converged(members);
  });

  it('notices that one has died, after suspecting it', async () => {
    const dead = members.pop()!;
    const changes = members.map(hear);
    await dead.connection.nats.close();
    await eventually('all gave it up', () => members.every(({ mesh }) => mesh.statusOf('e') === 'dead'));
    expect(changes.map((heard) => kindsOf(heard, 'e'))).toEqual(members.map(() => ['suspected', 'dead']));
    expect(members.some(({ mesh }) => mesh.convergence().converged)).toBe(false);
  });

  it('takes one that starts again for its new life alone', async () => {
    const before = members[0]!.mesh.members().find(({ memberId }) => String(memberId) === 'e');
    const again = await rig.join('e');
    again.mesh.put('life', 'second');
    members.push(again);
    await allSee(members, ids.slice(0, 5));
    await eventually('all have its new key', () =>
      members.every(({ mesh }) => mesh.get('e', 'life') === 'second'),
    );
    const after = members[0]!.mesh.members().filter(({ memberId }) => String(memberId) === 'e');
    expect(after).toHaveLength(1);
    expect(after[0]!.generation).toBeGreaterThan(before!.generation);
    await converged(members);
  });

  it('lets no listener, and no fault of its vitals, disturb it', async () => {
    const { mesh } = members[0]!;
    mesh.on(() => {
      throw new Error('a listener fails');
    });
    members[1]!.mesh.put('news', 1);
    await eventually('the fault was counted', () => mesh.stats().listenerFaults > 0);
    await converged(members);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MeshChange } from '@nexus/mesh';
import { eventually } from '@nexus/testing';
import { allSee, converged, idsOf, MeshRig, type RiggedMember } from './support/mesh-rig.js';

describe('MeshMember: while the broker is gone', () => {
  let rig: MeshRig;
  let members: RiggedMember[];
  const ids = ['a', 'b', 'c'];

  beforeAll(async () => {
    rig = await MeshRig.start();
    // As long as all need to come back, which the client spreads over two seconds.
    members = await rig.joinAll(ids, { settings: { roundMs: 200, suspicionRounds: 12 } });
    await allSee(members, ids);
  });
  afterAll(() => rig.stop());

  it('accuses nobody, loses nothing, and goes on where it was', async () => {
    const changes: MeshChange[] = [];
    for (const { mesh } of members) mesh.on((change) => changes.push(change));
    rig.servers.nats.kill('SIGKILL');
    await eventually('all have noticed', () => members.every(({ connection }) => !connection.connected));
    const [first] = members as [RiggedMember, ...RiggedMember[]];
    first.mesh.put('during', 'the outage', { urgent: true });
    await eventually('it was not sent', () => first.mesh.stats().undelivered > 0);
    // Every one of them sees the others as they were.
    expect(members.map(({ mesh }) => idsOf(mesh))).toEqual(members.map(() => ids));
    await rig.servers.nats.restart();
    await eventually('all know what was put meanwhile', () =>
      members.every(({ mesh }) => mesh.get('a', 'during') === 'the outage'),
    );
    await converged(members);
    expect(changes.filter(({ kind }) => kind === 'gone')).toEqual([]);
  });
});

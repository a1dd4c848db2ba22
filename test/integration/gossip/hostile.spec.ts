import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MemberKind } from '@nexus/contracts';
import { type DigestEntry, type MemberId, type Message } from '@nexus/core/gossip';
import { eventually } from '@nexus/testing';
import { type Connection } from '@nexus/wire';
import { MessageCodec } from '../../../libs/mesh/codec/message-codec.js';
import { allSee, converged, idsOf, MeshRig, type RiggedMember } from './support/mesh-rig.js';

const codec = new MessageCodec();
const ids = ['a', 'b', 'c'];

describe('MeshMember among the hostile', () => {
  let rig: MeshRig;
  let members: RiggedMember[];
  let victim: RiggedMember;
  let attacker: Connection;

  beforeAll(async () => {
    rig = await MeshRig.start();
    members = await rig.joinAll(ids);
    [victim] = members as [RiggedMember, ...RiggedMember[]];
    await allSee(members, ids);
    attacker = await rig.connect('attacker');
  });
  afterAll(() => rig.stop());

  const sendBytes = (bytes: Uint8Array, from: string, kind = 'agent') =>
    attacker.publish(`nexus.mesh.a.${kind}.${from}`, bytes);
  const send = (message: Message, from: string, kind: MemberKind = 'agent') =>
    sendBytes(codec.encode(message), from, kind);

  const entry = (id: string, fields: Partial<DigestEntry> = {}): DigestEntry => ({
    ...{ id: id as MemberId, kind: 'leaf', generation: Date.now(), heartbeat: 3, maxVersion: 0 },
    ...{ collectedVersion: 0, viewHash: 0, vitals: '', ...fields },
  });
  const syn = (
    digest: readonly DigestEntry[],
    fields: { cluster?: string; generation?: number } = {},
  ): Message => ({
    ...{ kind: 'syn', cluster: 'nexus', generation: Date.now(), digest, ...fields },
  });

  /** What the attack was counted as grows, and nobody is the worse for it. */
  const refusedAs = async (reason: string, attack: () => void) => {
    const refusals = () =>
      (victim.mesh.stats().refused as Readonly<Record<string, number | undefined>>)[reason] ?? 0;
    const before = refusals();
    attack();
    await eventually(`it is refused as ${reason}`, () => refusals() > before);
    await undisturbed();
  };

  const undisturbed = async () => {
    await allSee(members, ids);
    victim.mesh.put('still', Math.random());
    const value = victim.mesh.get('a', 'still');
    await eventually('news still spreads', () =>
      members.every(({ mesh }) => mesh.get('a', 'still') === value),
    );
  };

  it('counts what is no message, and does not answer', async () => {
    const before = victim.mesh.stats().malformed;
    const garbage = [
      ...['', '{}', 'NG\u0001', 'x'.repeat(1_000)].map((text) => Buffer.from(text)),
      Buffer.alloc(100_000, 0xff),
      codec.encode(syn([entry('x')])).slice(0, -1),
    ];
    for (const bytes of garbage) sendBytes(bytes, 'mallory');
    // A kind that there is not, and a name that is none.
    sendBytes(codec.encode(syn([])), 'mallory', 'god');
    attacker.publish('nexus.mesh.a.agent.ma*llory'.replace('*', '$'), codec.encode(syn([])));
    await eventually('all are counted', () => victim.mesh.stats().malformed >= before + garbage.length + 2);
    await undisturbed();
  });

  it('refuses messages of another cluster on its subjects', () =>
    refusedAs('other_cluster', () => send(syn([entry('x')], { cluster: 'other' }), 'x')));

  it('stays apart from members of another cluster on the same broker and prefix', async () => {
    const others = await rig.joinAll(['x', 'y'], { cluster: 'other' });
    await allSee(others, ['x', 'y']);
    await allSee(members, ids);
    await Promise.all(others.map(({ mesh }) => mesh.leave()));
  });

  it('refuses huge counters, and generations far ahead of the clock', async () => {
    await refusedAs('implausible', () =>
      send(syn([entry('huge', { heartbeat: Number.MAX_SAFE_INTEGER })]), 'huge'),
    );
    await refusedAs('implausible', () => send(syn([], { generation: Date.now() + 3_600_000 }), 'early'));
  });

  it('refuses what an agent says of others, and of this member itself', async () => {
    const forged = entry('b', { kind: 'relay', heartbeat: 99, vitals: '1 1 1' });
    await refusedAs('not_its_own', () => send(syn([entry('leaf'), forged]), 'leaf'));
    const aboutUs = entry('a', { kind: 'relay', maxVersion: 1_000_000 });
    await refusedAs('about_us', () => send(syn([entry('leaf'), aboutUs]), 'leaf'));
    const delta = { id: 'b' as MemberId, kind: 'relay' as const, generation: Date.now() };
    const changes = [{ key: 'service', version: 1_000, value: '"forged"' }];
    const ack: Message = {
      ...{ kind: 'ack', cluster: 'nexus', generation: Date.now() },
      deltas: [{ ...delta, fromVersion: 0, collectedVersion: 0, reset: true, changes }],
    };
    await refusedAs('not_its_own', () => send(ack, 'leaf'));
    expect(members.map(({ mesh }) => mesh.get('b', 'service'))).toEqual(['gossip', 'gossip', 'gossip']);
  });

  it('handles so many messages of one sender in a round, and counts the rest', async () => {
    const before = victim.mesh.stats().flooded;
    const bytes = codec.encode(syn([entry('flood')]));
    for (let at = 0; at < 5_000; at += 1) sendBytes(bytes, 'flood');
    await eventually('the rest is counted', () => victim.mesh.stats().flooded > before + 1_000);
    await undisturbed();
  });

  it('takes thousands of invented members for none, and stays bounded', async () => {
    const before = victim.mesh.stats();
    for (let at = 0; at < 5_000; at += 1) {
      const name = `sybil-${at}`;
      sendBytes(codec.encode(syn([entry(name)])), name, at % 2 === 0 ? 'agent' : 'service');
    }
    const crowd = Array.from({ length: 500 }, (_, at) => entry(`crowd-${at}`, { kind: 'relay' }));
    send(syn(crowd), 'crowd', 'service');
    await eventually(
      'all have arrived',
      () => victim.mesh.stats().messagesReceived >= before.messagesReceived + 5_000,
    );
    await undisturbed();
    // Nobody of them ever answered: they are no members, and told to nobody.
    expect(members.map(({ mesh }) => idsOf(mesh))).toEqual(members.map(() => ids));
    await converged(members);
    for (const { mesh } of members) {
      const { bytesSentLastRound } = mesh.stats();
      expect(bytesSentLastRound).toBeLessThanOrEqual(mesh.settings.roundBytesMax);
    }
  });

  it('lets an agent in that speaks for itself, and shows it to all', async () => {
    const agent = await rig.join('agent-1', { kind: 'agent' });
    const all = [...members, agent];
    await allSee(all, [...ids, 'agent-1']);
    agent.mesh.put('service', 'coordinator');
    agent.mesh.put('mood', 'fine');
    await eventually('all know its key', () =>
      all.every(({ mesh }) => mesh.get('agent-1', 'mood') === 'fine'),
    );
    const { mesh } = members[2]!;
    const view = mesh.members().find(({ memberId }) => String(memberId) === 'agent-1')!;
    // Whatever it says of itself, it is no service.
    expect([view.kind, view.service, mesh.serviceOf('agent-1')]).toEqual(['agent', undefined, undefined]);
    expect(mesh.serviceOf(ids[0]!)).toBe('gossip');
    await converged(all);
    await agent.mesh.leave();
    await eventually('all know that it left', () =>
      members.every(({ mesh }) => mesh.statusOf('agent-1') === 'left'),
    );
  });
});

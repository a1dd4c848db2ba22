import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SharedKeys } from '@nexus/mesh';
import { Drops, EventPublisher } from '@nexus/platform/nats';
import { eventually } from '@nexus/testing';
import { MeshEvents } from '../../../apps/gossip/src/events/mesh-events.js';
import { allSee, MeshRig, type RiggedMember } from './support/mesh-rig.js';

describe('MeshEvents', () => {
  let rig: MeshRig;
  const told: { readonly event: string; readonly memberId: string; readonly by: string }[] = [];
  const members = new Map<string, RiggedMember>();

  const join = async (id: string, service: string) => {
    const member = await rig.join(id, { service });
    members.set(id, member);
    if (service !== 'gossip') return;
    const events = new EventPublisher(member.connection, 'nexus', new Drops());
    // It lives with its member: nobody ends it here.
    new MeshEvents(member.mesh, new SharedKeys(member.mesh), events);
  };
  const settled = () => allSee([...members.values()], [...members.keys()]);
  const toldOf = (id: string) => told.filter(({ memberId }) => memberId === id);
  const lifeOf = (id: string) => toldOf(id).map(({ event, by }) => `${event} by ${by}`);

  beforeAll(async () => {
    rig = await MeshRig.start();
    const listener = await rig.connect('listener');
    listener.subscribe('nexus.events.member.*', (message) => {
      const { memberId, by } = message.json<{ memberId: string; by: string }>();
      told.push({ event: message.subject.split('.').at(-1)!, memberId, by });
    });
    await listener.flush();
    await join('b', 'routing');
    await join('c', 'consensus');
    await settled();
  });
  afterAll(() => rig.stop());

  it('tells of nobody who was there before', async () => {
    await join('g2', 'gossip');
    await settled();
    await join('g1', 'gossip');
    await settled();
    expect([...toldOf('b'), ...toldOf('c')]).toEqual([]);
  });

  it('tells who joins, dies and joins again, each once, by the one with the lowest id', async () => {
    await join('a', 'routing');
    await settled();
    await eventually('it has joined', () => toldOf('a').length === 1);
    await members.get('a')!.connection.nats.close();
    members.delete('a');
    await eventually('it has died', () => lifeOf('a').at(-1) === 'left by g1');
    await join('a', 'routing');
    await settled();
    await eventually('it has joined again', () => lifeOf('a').at(-1) === 'joined by g1');
    expect(lifeOf('a')).toEqual(['joined by g1', 'suspected by g1', 'left by g1', 'joined by g1']);
  });

  it('is silenced by no agent that calls itself a gossip service', async () => {
    const agent = await rig.join('agent-01', { kind: 'agent' });
    members.set('agent-01', agent);
    agent.mesh.put('service', 'gossip');
    await settled();
    const seenBy = ({ mesh }: RiggedMember) =>
      mesh.members().find(({ memberId }) => String(memberId) === 'agent-01');
    await eventually('all know what it says', () =>
      [...members.values()].every(({ mesh }) => mesh.get('agent-01', 'service') === 'gossip'),
    );
    expect([...members.values()].map((member) => seenBy(member)?.service)).not.toContain('gossip');
    await join('d', 'routing');
    await eventually('who joins is told of', () => lifeOf('d').join() === 'joined by g1');
    await agent.mesh.leave();
    members.delete('agent-01');
    await eventually('so is that it left', () => lifeOf('agent-01').at(-1) === 'left by g1');
  });

  it('is told on by the next one when who told is gone', async () => {
    await members.get('g1')!.connection.nats.close();
    members.delete('g1');
    await eventually('its death is told', () => lifeOf('g1').at(-1) === 'left by g2');
    await members.get('c')!.mesh.leave();
    members.delete('c');
    await eventually('who left is told of', () => toldOf('c').length > 0);
    expect(lifeOf('c')).toEqual(['left by g2']);
  });
});

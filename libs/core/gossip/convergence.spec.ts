import { describe, expect, it } from '@jest/globals';
import { ackOf, changeOf, deltaOf, LoneMember } from './testdata/lone-member.js';
import { idOf, Network } from './testdata/network.js';

const meshOf = (count: number): Network => {
  const network = new Network();
  for (let index = 0; index < count; index++) network.start(`m${index}`);
  network.rounds(12);
  return network;
};

/** Lets a friend say that it knows what `me` knows. */
const agree = (me: LoneMember, ...ids: string[]): void => {
  const digest = me.round().messages.flatMap(({ message }) => (message.kind === 'syn' ? message.digest : []));
  const viewHash = digest.find(({ id }) => id === 'me')?.viewHash ?? 0;
  for (const id of ids) me.befriend(id, { viewHash });
};

describe('G9 convergence', () => {
  it('holds for a member alone', () => {
    const me = new LoneMember();
    expect(me.member.convergence()).toEqual({
      converged: true,
      versions: new Map([['me', 0]]),
      waitingFor: [],
    });
  });

  it('says for which versions it holds', () => {
    const network = meshOf(6);
    network.tell('m1', { kind: 'put', key: 'k', value: 'v', urgent: false });
    network.rounds(6);
    for (const { member } of network.nodes.values()) {
      const { converged, versions, waitingFor } = member.convergence();
      expect([converged, waitingFor]).toEqual([true, []]);
      expect(versions.get(idOf('m1'))).toBe(1);
      expect(versions.size).toBe(6);
    }
  });

  it('waits for each live member, and says for whom', () => {
    const me = new LoneMember();
    for (const id of ['a', 'b', 'c']) me.befriend(id);
    agree(me, 'a', 'c');
    expect(me.member.convergence()).toMatchObject({ converged: false, waitingFor: ['b'] });
    agree(me, 'a', 'b', 'c');
    expect(me.member.convergence()).toMatchObject({ converged: true, waitingFor: [] });
  });

  it('is not said on waking from what was heard before', () => {
    const me = new LoneMember();
    me.befriend('a');
    agree(me, 'a');
    expect(me.member.convergence().converged).toBe(true);
    me.round(60_000);
    expect(me.member.convergence()).toMatchObject({ converged: false, waitingFor: ['a'] });
    agree(me, 'a');
    expect(me.member.convergence().converged).toBe(true);
  });

  it('ends with a change of one’s own, and with one of another', () => {
    const me = new LoneMember();
    me.befriend('a');
    agree(me, 'a');
    expect(me.member.convergence().converged).toBe(true);
    me.step({ kind: 'put', key: 'k', value: 'v', urgent: false });
    expect(me.member.convergence()).toMatchObject({ converged: false, waitingFor: ['a'] });
    agree(me, 'a');
    expect(me.member.convergence().converged).toBe(true);
    me.hear('a', ackOf(deltaOf('a', [changeOf('k', 1, 'v')])));
    expect(me.member.convergence().converged).toBe(false);
  });

  it('does not hold while a member is suspected, or lately lost', () => {
    const network = meshOf(5);
    network.kill('m4');
    for (let round = 0; round < 60; round++) {
      network.rounds(1);
      const { member } = network.node('m0');
      const { converged, waitingFor } = member.convergence();
      if (member.member(idOf('m4'))?.status === 'alive') continue;
      expect(converged).toBe(false);
      expect(waitingFor).toContain('m4');
    }
    network.rounds(120);
    expect(network.member('m0').convergence().converged).toBe(true);
  });

  it('does not wait for one who left', () => {
    const network = meshOf(5);
    network.tell('m4', { kind: 'leave' });
    network.rounds(6);
    for (const name of ['m0', 'm1', 'm2', 'm3'])
      expect(network.member(name).convergence()).toMatchObject({ converged: true, waitingFor: [] });
  });

  it('never holds at two members that know different things', () => {
    const network = new Network({ seed: 3, loss: 0.3 });
    for (let index = 0; index < 8; index++) network.start(`m${index}`);
    const held = new Set<string>();
    for (let round = 0; round < 60; round++) {
      network.tell(`m${round % 8}`, { kind: 'put', key: 'k', value: `${round}`, urgent: round % 3 === 0 });
      network.rounds(1 + (round % 7));
      for (const { member } of network.nodes.values()) {
        const { converged, versions } = member.convergence();
        if (!converged || versions.size < 8) continue;
        for (const other of network.nodes.values()) {
          for (const [id, version] of versions)
            expect(other.member.member(id)?.maxVersion).toBeGreaterThanOrEqual(version);
        }
        held.add(member.self.id);
      }
    }
    expect(held.size).toBe(8);
  });
});

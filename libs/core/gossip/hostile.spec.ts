import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { messageBytes, type Message } from './index.js';
import { ackOf, changeOf, deltaOf, entryOf, generation, LoneMember } from './testdata/lone-member.js';
import { reasonsOf, synAckOf, synOf } from './testdata/lone-member.js';
import { idOf, startWallMs } from './testdata/network.js';

const known = (): LoneMember => {
  const me = new LoneMember({ membersMax: 50, keysMax: 10, valueBytesMax: 1_000 });
  me.befriend('a');
  me.hear('a', ackOf(deltaOf('a', [changeOf('k', 1, 'v')])));
  return me;
};

const beat = (me: LoneMember) => me.member.member(idOf('a'))?.heartbeat;

describe('hostile gossip', () => {
  it.each<[string, Message]>([
    [
      'a generation beyond the clock',
      synOf(entryOf('a', { generation: startWallMs + 3_600_000, heartbeat: 1 })),
    ],
    ['a heartbeat beyond what its life allows', synOf(entryOf('a', { heartbeat: 1_000_000 }))],
    ['a heartbeat that is no integer', synOf(entryOf('a', { heartbeat: 2.5 }))],
    ['a version beyond all integers', synOf(entryOf('a', { heartbeat: 2, maxVersion: 2 ** 53 }))],
    ['a version below zero', synOf(entryOf('a', { heartbeat: 2, maxVersion: -1 }))],
    ['no number', synOf(entryOf('a', { heartbeat: 2, viewHash: Number.NaN }))],
    ['a relay that calls itself a leaf', synOf(entryOf('a', { heartbeat: 2, kind: 'leaf' }))],
    [
      'a sender from beyond the clock',
      { ...synOf(entryOf('a', { heartbeat: 2 })), generation: startWallMs * 2 },
    ],
    ['a delta without changes', ackOf(deltaOf('a', [], { reset: true, collectedVersion: 5 }))],
    ['a delta out of order', ackOf(deltaOf('a', [changeOf('x', 1, null), changeOf('y', 1, null)]))],
    [
      'a reset that begins late',
      ackOf(deltaOf('a', [changeOf('x', 3, '')], { fromVersion: 2, reset: true })),
    ],
    ['a delta that ends before it begins', ackOf(deltaOf('a', [changeOf('x', 1, '')], { fromVersion: 1 }))],
  ])('refuses %s as implausible', (_, message) => {
    const me = known();
    expect(reasonsOf(me.hear('a', message))).toEqual(['implausible']);
    expect(beat(me)).toBe(1);
    expect(me.keys('a')).toEqual({ k: 'v' });
    expect(me.member.self.generation).toBe(generation);
  });

  it('refuses what is too large, and takes what came before it', () => {
    const me = known();
    const changes = [
      changeOf('small', 2, '1'),
      changeOf('large', 3, 'x'.repeat(1_001)),
      changeOf('after', 4, '1'),
    ];
    expect(reasonsOf(me.hear('a', ackOf(deltaOf('a', changes, { fromVersion: 1 }))))).toEqual(['too_large']);
    expect(me.keys('a')).toEqual({ k: 'v', small: '1' });
    const long = me.hear('a', synOf(entryOf('a', { heartbeat: 2, vitals: 'x'.repeat(1_000) })));
    expect(reasonsOf(long)).toEqual(['too_large']);
  });

  it('bounds the keys of a member', () => {
    const me = known();
    const changes = Array.from({ length: 1_000 }, (_, index) => changeOf(`k${index}`, index + 2, '1'));
    expect(reasonsOf(me.hear('a', ackOf(deltaOf('a', changes, { fromVersion: 1 }))))).toEqual(['too_many']);
    expect(Object.keys(me.keys('a'))).toHaveLength(10);
  });

  it('bounds the members, whoever tells of thousands', () => {
    const me = known();
    const crowd = (heartbeat: number) =>
      Array.from({ length: 5_000 }, (_, index) => entryOf(`x${index}`, { heartbeat }));
    const effects = [1, 2, 3].map((heartbeat) => me.hear('a', synOf(...crowd(heartbeat))));
    expect(effects.map(reasonsOf)).toEqual([['too_many'], ['too_many'], ['too_many']]);
    expect(me.member.members().length).toBeLessThanOrEqual(50);
  });

  it('forgets a crowd that is merely talked of, and always has room for one that speaks itself', () => {
    const me = known();
    const crowd = Array.from({ length: 5_000 }, (_, index) => entryOf(`x${index}`));
    me.hear('a', synOf(...crowd));
    expect(me.befriend('real').changes).toMatchObject([{ kind: 'joined', id: 'real' }]);
    for (let round = 0; round < 30; round++) {
      me.befriend('a');
      me.befriend('real');
      me.round();
    }
    expect(me.member.members().map(({ id }) => id)).toEqual(['me', 'a', 'real']);
    expect(reasonsOf(me.hear('a', synOf(...crowd.slice(0, 40))))).toEqual([]);
  });

  it('hears from a leaf what it says of itself, and nothing else', () => {
    const me = known();
    me.befriend('leaf', { kind: 'leaf' });
    const own = deltaOf('leaf', [changeOf('mine', 1, '1')], { kind: 'leaf' });
    expect(reasonsOf(me.hear('leaf', ackOf(own), 'leaf'))).toEqual([]);
    expect(me.keys('leaf')).toEqual({ mine: '1' });
    const others = deltaOf('a', [changeOf('k', 2, 'changed')], { fromVersion: 1 });
    expect(reasonsOf(me.hear('leaf', ackOf(others), 'leaf'))).toEqual(['not_its_own']);
    const news = synOf(entryOf('a', { heartbeat: 5 }), entryOf('b', { heartbeat: 5 }));
    expect(reasonsOf(me.hear('leaf', news, 'leaf'))).toEqual(['not_its_own']);
    expect([beat(me), me.keys('a')]).toEqual([1, { k: 'v' }]);
    const claim = synOf(entryOf('me', { generation: generation + 5 }));
    expect(reasonsOf(me.hear('leaf', claim, 'leaf'))).toEqual(['about_us']);
    expect(me.member.self.generation).toBe(generation);
  });

  it('takes nothing from a leaf that bears the name of a relay', () => {
    const me = known();
    const said = [
      synOf(entryOf('a', { generation: generation + 5, heartbeat: 9, kind: 'leaf' })),
      ackOf(deltaOf('a', [changeOf('k', 2, 'changed')], { fromVersion: 1, kind: 'leaf' })),
      { kind: 'leave', cluster: 'test', generation: generation + 5, heartbeat: 9 } as const,
    ];
    for (const message of said) expect(reasonsOf(me.hear('a', message, 'leaf'))).toEqual(['not_its_own']);
    expect(me.keys('a')).toEqual({ k: 'v' });
    expect(me.member.members().find(({ id }) => id === 'a')).toMatchObject({
      kind: 'relay',
      status: 'alive',
    });
  });

  it('learns nothing from what a leaf says it knows of others', () => {
    const me = known();
    const ask = entryOf('a', { heartbeat: 50, viewHash: 0, vitals: '', generation: generation + 9 });
    const unknown = entryOf('b', { viewHash: 0, vitals: '' });
    expect(reasonsOf(me.hear('leaf', synOf(ask, unknown), 'leaf'))).toEqual([]);
    expect(beat(me)).toBe(1);
  });

  it('refuses counters of ours that we never reached', () => {
    const me = known();
    me.step({ kind: 'put', key: 'k', value: 'v', urgent: false });
    for (const claim of [{ heartbeat: 40 }, { maxVersion: 2 }, { collectedVersion: 1 }])
      expect(reasonsOf(me.hear('a', synOf(entryOf('me', claim))))).toEqual(['about_us']);
    expect(me.member.member(idOf('me'))).toMatchObject({ heartbeat: 1, maxVersion: 1, generation });
  });

  it('throws at nothing, changes nobody’s keys but by deltas, and stays within its bounds', () => {
    const id = fc.constantFrom('me', 'a', 'b', 'c', '__proto__', '');
    const count = fc.oneof(
      fc.nat(5),
      fc.constantFrom(generation, generation + 1, startWallMs, startWallMs * 2, 2 ** 53, -1, 0.5, Number.NaN),
    );
    const kind = fc.constantFrom('relay', 'leaf', 'other');
    const digest = fc.array(
      fc.oneof(
        fc.record({
          ...{ id, kind, generation: count, heartbeat: count, maxVersion: count, collectedVersion: count },
          ...{ viewHash: count, vitals: fc.constantFrom('', 'v', 7) },
        }),
        fc.anything(),
      ),
      { maxLength: 6 },
    );
    const changes = fc.array(
      fc.oneof(
        fc.record({ key: id, version: count, value: fc.constantFrom(null, 'v', 'x'.repeat(2_000), 3) }),
        fc.anything(),
      ),
    );
    const deltas = fc.array(
      fc.oneof(
        fc.record({
          ...{ id, kind, generation: count, fromVersion: count, collectedVersion: count },
          ...{ reset: fc.boolean(), changes },
        }),
        fc.anything(),
      ),
      { maxLength: 4 },
    );
    const message = fc.oneof(
      fc.record({
        kind: fc.constantFrom('syn', 'syn_ack', 'ack', 'leave', 'other'),
        cluster: fc.constantFrom('test', 'other'),
        ...{ generation: count, heartbeat: count, digest, deltas },
      }),
      fc.record({ kind: fc.constantFrom('syn', 'syn_ack', 'ack', 'leave'), cluster: fc.constant('test') }),
    );
    const heard = fc.tuple(fc.constantFrom('me', 'a', 'b'), fc.constantFrom('relay', 'leaf'), message);
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 20 }), (inputs) => {
        const me = known();
        me.step({ kind: 'put', key: 'mine', value: '1', urgent: false });
        for (const [from, fromKind, said] of inputs) {
          const effects = me.hear(from, said as unknown as Message, fromKind);
          expect(effects.refused.length).toBeLessThanOrEqual(8);
          for (const answer of effects.messages)
            expect(messageBytes(answer.message)).toBeLessThanOrEqual(65_536);
        }
        me.round();
        expect(me.keys('me')).toEqual({ mine: '1' });
        expect(me.member.member(idOf('me'))?.maxVersion).toBe(1);
        expect(me.member.members().length).toBeLessThanOrEqual(6);
        for (const { id: member } of me.member.members())
          for (const value of me.member.keysOf(member).values())
            expect(value.length).toBeLessThanOrEqual(1_000);
      }),
      { numRuns: 500 },
    );
  });

  it('does not answer a seed that is itself', () => {
    const me = known();
    const [syn] = me.round().messages;
    expect(me.hear('me', syn?.message ?? synAckOf([])).messages).toEqual([]);
    expect(reasonsOf(me.hear('me', { ...synAckOf([]), generation: generation + 1 }))).toEqual(['about_us']);
  });
});

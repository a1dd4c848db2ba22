import { describe, expect, it } from '@jest/globals';
import { type DigestEntry, type KeyChange, type MemberDelta } from './index.js';
import { ackOf, changeOf, deltaOf, entryOf, LoneMember, reasonsOf, synOf } from './testdata/lone-member.js';
import { idOf, Network } from './testdata/network.js';

const put = (key: string, value: string) => ({ kind: 'put', key, value, urgent: false }) as const;
const remove = (key: string) => ({ kind: 'delete', key, urgent: false }) as const;

/** What `me` gives one that says it knows `claim` of it. */
const given = (me: LoneMember, about: string, claim: Partial<DigestEntry>): MemberDelta | undefined => {
  me.round();
  const answer = me.hear('asker', synOf(entryOf(about, { heartbeat: 1, ...claim }))).messages[0]?.message;
  return answer?.kind === 'syn_ack' ? answer.deltas.find(({ id }) => id === about) : undefined;
};

const settings = { tombstoneRounds: 20 };

/** Put 1 and 2, removed 1, put 3: versions 1 to 4; the tombstone is collected when `rounds` are over. */
const ownerAfter = (rounds: number): LoneMember => {
  const me = new LoneMember(settings);
  me.step(put('one', '1'), put('two', '2'), remove('one'), put('three', '3'));
  for (let round = 0; round < rounds; round++) me.round();
  return me;
};

const versionsOf = (changes: readonly KeyChange[] | undefined) => changes?.map(({ version }) => version);

describe('G7 tombstones of the owner', () => {
  it('are told like any change', () => {
    const delta = given(ownerAfter(5), 'me', { maxVersion: 2 });
    expect(delta?.changes).toEqual([changeOf('one', 3, null), changeOf('three', 4, '3')]);
    expect(delta).toMatchObject({ fromVersion: 2, collectedVersion: 0, reset: false });
  });

  it('are collected after their time, and those who missed them begin anew', () => {
    const delta = given(ownerAfter(25), 'me', { maxVersion: 2 });
    expect(delta).toMatchObject({ fromVersion: 0, collectedVersion: 3, reset: true });
    expect(versionsOf(delta?.changes)).toEqual([2, 4]);
  });

  it('cost those nothing who had seen them', () => {
    const delta = given(ownerAfter(25), 'me', { maxVersion: 3 });
    expect(delta).toMatchObject({ fromVersion: 3, collectedVersion: 3, reset: false });
    expect(versionsOf(delta?.changes)).toEqual([4]);
  });

  it('stay while they are the newest change: else nobody could say how far a delta goes', () => {
    const me = new LoneMember(settings);
    me.step(put('one', '1'), remove('one'));
    me.rounds(60);
    expect(versionsOf(given(me, 'me', { maxVersion: 1 })?.changes)).toEqual([2]);
  });

  it('leave room for keys again', () => {
    const me = new LoneMember({ ...settings, keysMax: 4 });
    for (let index = 0; index < 4; index++) me.step(put(`k${index}`, '1'), remove(`k${index}`));
    expect(reasonsOf(me.step(put('new', '1')))).toEqual(['too_many']);
    me.rounds(25);
    expect(reasonsOf(me.step(put('new', '1')))).toEqual([]);
  });
});

describe('G7 tombstones of others', () => {
  const knowing = (): LoneMember => {
    const me = new LoneMember();
    me.befriend('a');
    me.hear('a', ackOf(deltaOf('a', [changeOf('one', 1, '1'), changeOf('two', 2, '2')])));
    return me;
  };

  it('go when the owner has collected them, once all up to there is known', () => {
    const me = knowing();
    me.hear(
      'a',
      ackOf(deltaOf('a', [changeOf('one', 3, null), changeOf('three', 4, '3')], { fromVersion: 2 })),
    );
    me.befriend('a', { maxVersion: 4, collectedVersion: 3 });
    expect(versionsOf(given(me, 'a', { maxVersion: 0 })?.changes)).toEqual([2, 4]);
    expect(given(me, 'a', { maxVersion: 0 })).toMatchObject({ reset: true, collectedVersion: 3 });
  });

  it('do not go by the word of a digest when some are not known yet', () => {
    const me = knowing();
    me.befriend('a', { maxVersion: 4, collectedVersion: 3 });
    expect(given(me, 'a', { maxVersion: 0 })).toMatchObject({ reset: false, collectedVersion: 0 });
  });

  it('are never missed: a delta that presumes them is refused', () => {
    const me = knowing();
    const presuming = deltaOf('a', [changeOf('three', 4, '3')], { fromVersion: 2, collectedVersion: 3 });
    expect(reasonsOf(me.hear('a', ackOf(presuming)))).toEqual(['from_the_future']);
    expect(me.keys('a')).toEqual({ one: '1', two: '2' });
  });

  it('are made good by a delta that begins anew', () => {
    const me = knowing();
    const anew = deltaOf('a', [changeOf('two', 2, '2'), changeOf('three', 4, '3')], {
      collectedVersion: 3,
      reset: true,
    });
    const { changes } = me.hear('a', ackOf(anew));
    expect(me.keys('a')).toEqual({ two: '2', three: '3' });
    expect(changes).toContainEqual({ kind: 'key', id: 'a', key: 'one', value: null });
    expect(me.hear('a', ackOf(anew)).changes).toEqual([]);
  });

  it('are not undone, while it begins anew, by one who has not seen them', () => {
    const me = knowing();
    const anew = { collectedVersion: 9, reset: true };
    me.hear('b', ackOf(deltaOf('a', [changeOf('two', 2, '2')], anew)));
    const stale = deltaOf('a', [changeOf('gone', 5, 'old')], { fromVersion: 2 });
    me.hear('c', ackOf(stale));
    expect(me.keys('a')).toEqual({ two: '2' });
    me.hear('b', ackOf(deltaOf('a', [changeOf('ten', 10, '10')], { fromVersion: 2, collectedVersion: 9 })));
    expect(me.keys('a')).toEqual({ two: '2', ten: '10' });
  });

  it('are given to nobody by one that begins anew itself', () => {
    const me = knowing();
    me.hear('b', ackOf(deltaOf('a', [changeOf('two', 2, '2')], { collectedVersion: 9, reset: true })));
    expect(given(me, 'a', { maxVersion: 1 })).toBeUndefined();
  });

  it('keep removed keys away from a member that was cut off for longer than they last', () => {
    const network = new Network({ settings: { tombstoneRounds: 15 } });
    for (let index = 0; index < 6; index++) network.start(`m${index}`);
    network.tell('m1', put('removed', '1'), put('kept', '1'));
    network.rounds(10);
    network.connects = (from, to) => (from === 'm5') === (to === 'm5');
    network.tell('m1', remove('removed'), put('later', '1'));
    network.rounds(60);
    network.connects = () => true;
    const seen: boolean[] = [];
    for (let round = 0; round < 60; round++) {
      network.rounds(1);
      for (let index = 0; index < 5; index++)
        seen.push(network.member(`m${index}`).keysOf(idOf('m1')).has('removed'));
    }
    expect(seen).not.toContain(true);
    expect(Object.fromEntries(network.member('m5').keysOf(idOf('m1')))).toEqual({ kept: '1', later: '1' });
  });
});

import { describe, expect, it } from '@jest/globals';
import { ackOf, changeOf, deltaOf, entryOf, LoneMember, synOf } from './testdata/lone-member.js';
import { type Change } from './index.js';

/** Rounds in which `a` beats. */
const alive = (me: LoneMember, rounds: number): Change[] => {
  const changes: Change[] = [];
  for (let round = 0; round < rounds; round++)
    changes.push(...me.befriend('a').changes, ...me.round().changes);
  return changes;
};

/** Rounds until `a`, now silent, has the status. */
const roundsUntil = (me: LoneMember, status: string): number => {
  for (let round = 1; round < 100; round++) {
    me.round();
    if (me.status('a') === status) return round;
  }
  throw new Error(`never ${status}`);
};

const hearOf = (me: LoneMember, heartbeat: number) =>
  me.hear('b', synOf(entryOf('a', { heartbeat }))).changes.map(({ kind }) => kind);

const dead = (): LoneMember => {
  const me = new LoneMember();
  alive(me, 20);
  roundsUntil(me, 'dead');
  return me;
};

describe('G10 failure detection', () => {
  it('suspects the silent, then gives them up, within 20 rounds', () => {
    const me = new LoneMember();
    alive(me, 60);
    const suspected = roundsUntil(me, 'suspected');
    const gone = roundsUntil(me, 'dead');
    expect(suspected).toBeGreaterThan(3);
    expect(gone).toBeGreaterThanOrEqual(5);
    expect(suspected + gone).toBeLessThanOrEqual(20);
  });

  it('suspects nobody who misses three rounds of a regular habit', () => {
    const me = new LoneMember();
    alive(me, 30);
    const changes = me.rounds(3).flatMap((effects) => effects.changes);
    expect([...changes, ...alive(me, 5)]).toEqual([]);
  });

  it('takes a heartbeat that advances as a refutation', () => {
    const me = new LoneMember();
    alive(me, 20);
    roundsUntil(me, 'suspected');
    expect(hearOf(me, me.beat('a'))).toEqual(['recovered']);
    expect(me.status('a')).toBe('alive');
  });

  it('is not impressed by a heartbeat that it knew', () => {
    const me = new LoneMember();
    alive(me, 20);
    roundsUntil(me, 'suspected');
    expect(hearOf(me, 20)).toEqual([]);
    expect(me.status('a')).toBe('suspected');
  });

  it('shows nobody who is merely talked of, until the heartbeat advances', () => {
    const me = new LoneMember();
    me.befriend('b');
    expect(hearOf(me, 7)).toEqual([]);
    expect(hearOf(me, 7)).toEqual([]);
    expect(me.status('a')).toBeUndefined();
    me.round();
    expect(hearOf(me, 8)).toEqual(['joined']);
  });

  it('passes nobody on who is merely talked of', () => {
    const me = new LoneMember();
    me.befriend('b');
    hearOf(me, 7);
    const told = me.round().messages.flatMap(({ message }) => (message.kind === 'syn' ? message.digest : []));
    expect(told.map(({ id }) => id).sort()).not.toContain('a');
  });

  it('revives no dead by what was relayed from its past', () => {
    const me = dead();
    expect([hearOf(me, 19), hearOf(me, 20)]).toEqual([[], []]);
    expect(me.status('a')).toBe('dead');
  });

  it('revives no dead by a single news', () => {
    const me = dead();
    expect(hearOf(me, 21)).toEqual([]);
    expect(me.status('a')).toBe('dead');
    me.round();
    expect(hearOf(me, 22)).toEqual(['recovered']);
  });

  it('revives no dead by the unread post of one who was stopped, which comes at once', () => {
    const me = dead();
    expect([21, 22, 23].flatMap((heartbeat) => hearOf(me, heartbeat))).toEqual([]);
    me.nowMs += 499;
    expect(hearOf(me, 24)).toEqual([]);
    expect(me.status('a')).toBe('dead');
  });

  it('revives no dead by two news far apart', () => {
    const me = dead();
    hearOf(me, 21);
    me.rounds(10);
    expect(hearOf(me, 22)).toEqual([]);
    expect(me.status('a')).toBe('dead');
  });

  it('revives nobody who left, whatever is told of that life', () => {
    const me = new LoneMember();
    alive(me, 5);
    me.hear('a', { kind: 'leave', cluster: 'test', generation: entryOf('a').generation, heartbeat: 6 });
    expect([hearOf(me, 7), hearOf(me, 8), hearOf(me, 9)]).toEqual([[], [], []]);
    me.befriend('a', { heartbeat: 10 });
    expect(me.status('a')).toBe('left');
  });

  it('leaves nothing of an earlier life with one of whose later life it hears the goodbye alone', () => {
    const me = new LoneMember();
    alive(me, 5);
    me.hear('a', ackOf(deltaOf('a', [changeOf('k', 1, 'v')])));
    const later = entryOf('a').generation + 1;
    const { changes } = me.hear('a', { kind: 'leave', cluster: 'test', generation: later, heartbeat: 3 });
    expect(changes).toEqual([
      { kind: 'key', id: 'a', key: 'k', value: null },
      { kind: 'gone', id: 'a', generation: later, reason: 'left' },
    ]);
    expect(me.member.members().find(({ id }) => id === 'a')).toMatchObject({
      ...{ status: 'left', generation: later, heartbeat: 3, maxVersion: 0 },
    });
    expect(me.keys('a')).toEqual({});
  });

  it('keeps the keys of the dead as long as it remembers them', () => {
    const me = new LoneMember({ tombstoneRounds: 30 });
    alive(me, 5);
    me.hear('a', ackOf(deltaOf('a', [changeOf('k', 1, 'v')])));
    roundsUntil(me, 'dead');
    expect(me.keys('a')).toEqual({ k: 'v' });
    const changes = me.rounds(30).flatMap((effects) => effects.changes);
    expect(me.keys('a')).toEqual({});
    expect(changes).toEqual([{ kind: 'key', id: 'a', key: 'k', value: null }]);
    expect(me.status('a')).toBeUndefined();
  });

  it('does not meet the dead again, once forgotten, by what was relayed from their past', () => {
    const me = new LoneMember({ tombstoneRounds: 30 });
    alive(me, 5);
    roundsUntil(me, 'dead');
    me.rounds(31);
    expect(hearOf(me, 5)).toEqual([]);
    me.rounds(3);
    expect(hearOf(me, 5)).toEqual([]);
    expect(me.status('a')).toBeUndefined();
  });
});

describe('G11 local health', () => {
  it('judges nobody in a round that is late', () => {
    const me = new LoneMember();
    alive(me, 30);
    expect(me.round(60_000).changes).toEqual([]);
    expect(me.status('a')).toBe('alive');
  });

  it('counts its own absence as nobody’s silence', () => {
    const me = new LoneMember();
    alive(me, 30);
    me.round(60_000);
    expect(me.member.members().find(({ id }) => id === 'a')?.silentMs).toBeLessThan(3_000);
  });

  it('judges more slowly after it was late, until it was in time as often', () => {
    const inTime = new LoneMember();
    alive(inTime, 30);
    const late = new LoneMember();
    alive(late, 30);
    late.round(10_000);
    expect(roundsUntil(late, 'suspected')).toBeGreaterThan(roundsUntil(inTime, 'suspected') + 1);
    const recovered = new LoneMember();
    alive(recovered, 30);
    recovered.round(10_000);
    alive(recovered, 20);
    const another = new LoneMember();
    alive(another, 50);
    expect(Math.abs(roundsUntil(recovered, 'suspected') - roundsUntil(another, 'suspected'))).toBeLessThan(2);
  });

  it('tells of nobody but itself after a long absence, until its next round', () => {
    const told = (me: LoneMember, afterMs: number) => [
      ...new Set(
        [
          ...me.round(afterMs).messages,
          ...me.hear('a', synOf(entryOf('a', { heartbeat: 31 }))).messages,
        ].flatMap(({ message }) => ('digest' in message ? message.digest.map(({ id }) => id) : [])),
      ),
    ];
    const me = new LoneMember();
    alive(me, 30);
    me.befriend('b');
    expect(told(me, 60_000)).toEqual(['me']);
    expect(told(me, 1_000).sort()).toEqual(['a', 'b', 'me']);
    expect(told(me, 3_000).sort()).toEqual(['a', 'b', 'me']);
  });

  it('tells of nobody but itself while it reads its unread post, before its late round', () => {
    const me = new LoneMember();
    alive(me, 30);
    me.nowMs += 60_000;
    const { messages } = me.hear(
      'b',
      synOf(entryOf('b', { heartbeat: 31 }), entryOf('a', { heartbeat: 31 })),
    );
    const told = messages.flatMap(({ message }) => ('digest' in message ? message.digest : []));
    expect(told.map(({ id }) => id)).toEqual(['me']);
  });

  it.each([60_000, 300_000])(
    'notices the death of one that was heard just before a round %d late',
    (lateMs) => {
      const me = new LoneMember();
      alive(me, 30);
      me.nowMs += lateMs;
      alive(me, 1);
      expect(me.status('a')).toBe('alive');
      expect(roundsUntil(me, 'suspected') + roundsUntil(me, 'dead')).toBeLessThanOrEqual(20);
    },
  );

  it('does not take a late round for a habit of the others', () => {
    const me = new LoneMember();
    alive(me, 30);
    me.round(60_000);
    alive(me, 30);
    expect(roundsUntil(me, 'suspected') + roundsUntil(me, 'dead')).toBeLessThanOrEqual(20);
  });
});

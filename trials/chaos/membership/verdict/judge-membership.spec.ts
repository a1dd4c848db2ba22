import { describe, expect, it } from '@jest/globals';
import { type Life, newLife } from '../members/life.js';
import { type Seen } from '../members/news.js';
import { judgeMembership } from './judge-membership.js';

const bounds = { noticedWithinMs: 25_000, knownWithinMs: 12_000, settledMs: 5_000, endedAtMs: 200_000 };

interface Told {
  readonly from: number;
  readonly to?: number;
  readonly sights?: readonly (readonly [atMs: number, ...seen: Seen])[];
}

/** A life under a generation that is the moment of its start. */
const life = (id: string, { from, to, sights = [] }: Told): Life => ({
  ...newLife({ id, role: 'agent' }, from),
  joinedAtMs: from,
  generation: from,
  endedAtMs: to,
  sights: sights.map(([atMs, ...seen]) => ({ kind: 'sight', atMs, generation: from, seen: [seen] })),
});

const observer = (...sights: Required<Told>['sights']) => life('watch', { from: 0, sights });
const judge = (...lives: Life[]) => judgeMembership(lives, bounds);

describe('the judgement of membership', () => {
  it('takes the time from a death until it is noticed', () => {
    const watch = observer(
      [1_000, 'a', 'alive', 10],
      [58_000, 'a', 'suspected', 10],
      [63_000, 'a', 'dead', 10],
    );
    const found = judge(watch, life('a', { from: 10, to: 50_000 }));
    expect(found).toMatchObject({ deaths: 1, late: [], falseDeaths: [], falseSuspicions: 0 });
    expect(found.suspected.maxMs).toBe(8_000);
    expect(found.noticed.maxMs).toBe(13_000);
  });

  it('objects to a death that is noticed too late, or by half', () => {
    const late = observer([1_000, 'a', 'alive', 10], [76_000, 'a', 'dead', 10]);
    const half = observer([1_000, 'a', 'alive', 10], [58_000, 'a', 'suspected', 10]);
    for (const watch of [late, half]) {
      expect(judge(watch, life('a', { from: 10, to: 50_000 })).late).toHaveLength(1);
    }
  });

  it('does not ask for the death of what is back before, but for its new life', () => {
    const watch = observer([1_000, 'a', 'alive', 10], [57_000, 'a', 'alive', 52_000]);
    const found = judge(watch, life('a', { from: 10, to: 50_000 }), life('a', { from: 52_000 }));
    expect(found).toMatchObject({ deaths: 0, returns: 1, late: [], falseDeaths: [] });
    expect(found.known.maxMs).toBe(5_000);
  });

  it('objects to a new life that nobody heard of', () => {
    const watch = observer([1_000, 'a', 'alive', 10]);
    const found = judge(watch, life('a', { from: 10, to: 50_000 }), life('a', { from: 52_000 }));
    expect(found.late).toEqual([expect.stringContaining('alive in generation 10 of a')]);
  });

  it('tells a false death and a false suspicion from true ones', () => {
    const watch = observer(
      ...([
        [1_000, 'a', 'alive', 10],
        [20_000, 'a', 'suspected', 10],
      ] as const),
      ...([
        [25_000, 'a', 'dead', 10],
        [40_000, 'a', 'alive', 10],
      ] as const),
    );
    const found = judge(watch, life('a', { from: 10 }));
    expect(found.falseSuspicions).toBe(1);
    expect(found.falseDeaths).toEqual([expect.stringContaining('watch held a for dead')]);
  });

  it('objects to a dead member that is alive again in the life that ended', () => {
    const watch = observer(
      ...([
        [1_000, 'a', 'alive', 10],
        [63_000, 'a', 'dead', 10],
      ] as const),
      [100_000, 'a', 'alive', 10],
    );
    const found = judge(watch, life('a', { from: 10, to: 50_000 }));
    expect(found).toMatchObject({ late: [], falseDeaths: [] });
    expect(found.resurrections).toEqual(['watch held a for alive again 50000 ms after the end of life 10']);
  });

  it('allows a suspicion of the dead to be withdrawn, and their next life', () => {
    const refuted = observer(
      ...([
        [1_000, 'a', 'alive', 10],
        [50_500, 'a', 'suspected', 10],
      ] as const),
      ...([
        [51_000, 'a', 'alive', 10],
        [63_000, 'a', 'dead', 10],
      ] as const),
      [100_000, 'a', 'alive', 95_000],
    );
    const lives = [life('a', { from: 10, to: 50_000 }), life('a', { from: 95_000 })];
    expect(judge(refuted, ...lives).resurrections).toEqual([]);
  });

  it('takes the death of an earlier life for what it is', () => {
    const watch = observer(
      [1_000, 'a', 'alive', 10],
      [53_000, 'a', 'dead', 10],
      [54_000, 'a', 'alive', 52_000],
    );
    const found = judge(watch, life('a', { from: 10, to: 50_000 }), life('a', { from: 52_000 }));
    expect(found.falseDeaths).toEqual([]);
  });

  it('asks nobody who has just begun, or does not last', () => {
    const young = life('young', { from: 48_000 });
    const brief = life('brief', { from: 0, to: 60_000, sights: [[1_000, 'a', 'alive', 10]] });
    expect(judge(young, brief, life('a', { from: 10, to: 50_000 })).deaths).toBe(0);
  });
});

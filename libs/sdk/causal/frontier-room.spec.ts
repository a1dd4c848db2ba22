import { describe, expect, it } from '@jest/globals';
import { type Frontiers } from '@nexus/core/causality';
import { fitting, fittingAlone } from './frontier-room.js';

type Said = Readonly<Record<string, Readonly<Record<string, number>>>>;

const frontiers = (said: Said): Frontiers =>
  new Map(Object.entries(said).map(([channel, each]) => [channel, new Map(Object.entries(each))]));
const plain = (read: Frontiers): Said =>
  Object.fromEntries([...read].map(([channel, each]) => [channel, Object.fromEntries(each)]));
const bounds = { entriesMax: 6, elsewhereMax: 2, strangersMax: 2 };

describe('fitting', () => {
  it('takes the agent’s own channels first, strangers and other channels as far as there is room', () => {
    const said = frontiers({ 'group.x': { p: 1, q: 1, r: 1 }, all: { s: 1, t: 1, u: 1, known: 1 } });
    const heard = () => frontiers({ all: { known: 1 } });
    const { frontiers: fit, refused } = fittingAlone(said, { heard, bounds });
    expect(plain(fit)).toEqual({ all: { s: 1, t: 1, known: 1 }, 'group.x': { p: 1, q: 1 } });
    expect(refused).toBe(2);
  });

  it('hears the speaker about itself before all others', () => {
    const said = frontiers({ all: { s: 1, t: 1, u: 1, me: 9 } });
    const fit = fittingAlone(said, { heard: () => frontiers({ all: {} }), by: 'me', bounds });
    expect(plain(fit.frontiers)).toEqual({ all: { me: 9, s: 1, t: 1 } });
  });

  it('renews what has its room already, and adds no more than is left', () => {
    const known = frontiers({ all: { a: 1, s: 1, t: 1 } });
    const said = frontiers({ all: { s: 2, t: 2, u: 1, b: 1, c: 1, d: 1, e: 1 } });
    const heard = () => frontiers({ all: { a: 1, b: 1, c: 1, d: 1, e: 1 } });
    const fit = fitting(said, { known, heard, bounds });
    expect(plain(fit.frontiers)).toEqual({ all: { s: 2, t: 2, b: 1, c: 1, d: 1 } });
    expect(fit.refused).toBe(2);
  });

  it('takes few entries as they are', () => {
    const said = frontiers({ all: { a: 1 } });
    expect(fittingAlone(said, { heard: () => new Map(), bounds })).toEqual({ frontiers: said, refused: 0 });
  });

  it('leaves the places of channels to those that the agent belongs to', () => {
    const own = Array.from({ length: 64 }, (_, each) => [`group.own-${each}`, {}]);
    const heard = () => frontiers(Object.fromEntries(own) as Said);
    const said = frontiers({ 'group.x': { a: 1 }, 'group.y': { a: 1 }, 'group.z': { a: 1 } });
    const fit = fittingAlone(said, { heard });
    expect([...fit.frontiers.keys()]).toEqual(['group.x', 'group.y']);
  });
});

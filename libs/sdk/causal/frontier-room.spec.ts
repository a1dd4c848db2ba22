import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
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

  it('takes of few entries what a walk over them would take', () => {
    const sequence = fc.integer({ min: 1, max: 9 });
    const frontier = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'me'), sequence, { noNullPrototype: true });
    const channel = fc.constantFrom('all', 'group.x', 'group.y', 'capability.z');
    const someFrontiers = fc.dictionary(channel, frontier, { noNullPrototype: true });
    const ownMax = fc.constantFrom(0, 61, 62, 63, 64, 65);
    const bound = fc.nat(12);
    const someBounds = fc.record({ entriesMax: bound, elsewhereMax: bound, strangersMax: bound });
    fc.assert(
      fc.property(someFrontiers, someFrontiers, ownMax, someBounds, (said, heard, own, within) => {
        const others = Array.from({ length: own - Object.keys(heard).length }, (_, n) => [
          `group.own-${n}`,
          {},
        ]);
        const all = frontiers({ ...heard, ...(Object.fromEntries(others) as Said) });
        const room = { heard: () => all, by: 'me', bounds: within };
        const quick = fittingAlone(frontiers(said), room);
        // What is known of a channel, be it nothing, has it look at every entry.
        const walked = fitting(frontiers(said), { ...room, known: frontiers({ all: {} }) });
        const spoken = (read: Frontiers) => plain(new Map([...read].filter(([, { size }]) => size > 0)));
        expect(spoken(quick.frontiers)).toEqual(spoken(walked.frontiers));
        expect(quick.refused).toBe(walked.refused);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves the places of channels to those that the agent belongs to', () => {
    const own = Array.from({ length: 64 }, (_, each) => [`group.own-${each}`, {}]);
    const heard = () => frontiers(Object.fromEntries(own) as Said);
    const said = frontiers({ 'group.x': { a: 1 }, 'group.y': { a: 1 }, 'group.z': { a: 1 } });
    const fit = fittingAlone(said, { heard });
    expect([...fit.frontiers.keys()]).toEqual(['group.x', 'group.y']);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Pending, planRelays, type Target } from './index.js';

const node = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
const target = fc.record({ node, relays: fc.boolean(), relayed: fc.boolean() });
const targets = fc.array(target, { maxLength: 80 });
const most = fc.integer({ min: 1, max: 12 });

const sorted = (places: readonly number[]) => places.toSorted((a, b) => a - b);

/** A fleet of one kind: each can do both. */
const able = (nodes: readonly (string | undefined)[]): Target[] =>
  nodes.map((node) => ({ node, relays: true, relayed: true }));

describe('planRelays', () => {
  it('has everybody asked once, by somebody who can, as somebody who can be', () => {
    fc.assert(
      fc.property(targets, most, (each, childrenMax) => {
        const { subtrees, direct } = planRelays(each, childrenMax);
        const children = subtrees.flatMap((subtree) => subtree.children);
        expect(sorted([...children, ...direct])).toEqual([...each.keys()]);
        expect(children.every((place) => each[place]!.relayed)).toBe(true);
        expect(subtrees.every(({ relay }) => each[relay]!.relays)).toBe(true);
        expect(new Set(subtrees.map(({ relay }) => relay)).size).toBe(subtrees.length);
      }),
    );
  });

  it('gives no relay more than one child more than another, none too many, and none fewer than two', () => {
    fc.assert(
      fc.property(targets, fc.integer({ min: 2, max: 12 }), (each, childrenMax) => {
        const sizes = planRelays(each, childrenMax).subtrees.map(({ children }) => children.length);
        if (sizes.length === 0) return;
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(childrenMax);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('asks directly only who cannot be relayed, or whom no relay has room for but as an only child', () => {
    fc.assert(
      fc.property(targets, fc.integer({ min: 2, max: 12 }), (each, childrenMax) => {
        const { subtrees, direct } = planRelays(each, childrenMax);
        const able = direct.filter((place) => each[place]!.relayed);
        if (subtrees.length === 0 || able.length === 0) return;
        expect(subtrees.every(({ children }) => children.length === childrenMax)).toBe(true);
        if (able.length > 1) expect(subtrees).toHaveLength(each.filter(({ relays }) => relays).length);
      }),
    );
  });

  it('takes a second relay from no machine before all that offer one have given one', () => {
    fc.assert(
      fc.property(targets, (each) => {
        const { subtrees } = planRelays(each, 1_000);
        const used = (node: string | undefined) =>
          subtrees.filter(({ relay }) => each[relay]!.node === node).length;
        const nodes = ['a', 'b', 'c', undefined];
        const most = Math.max(...nodes.map(used));
        for (const node of nodes) {
          const offered = each.filter((target) => target.relays && target.node === node).length;
          expect(used(node)).toBeGreaterThanOrEqual(Math.min(offered, most - 1));
        }
      }),
    );
  });

  it('leaves a child on another machine only when the relays of its own are full', () => {
    fc.assert(
      fc.property(targets, (each) => {
        const { subtrees } = planRelays(each, 1_000);
        for (const { relay, children } of subtrees) {
          const home = each[relay]!.node;
          const strangers = children.filter((place) => each[place]!.node !== home);
          // With a stranger at a relay, all who have the relay's machine in common with it are at relays of that machine.
          if (home === undefined || strangers.length === 0) continue;
          for (const other of subtrees.filter((tree) => each[tree.relay]!.node !== home)) {
            expect(other.children.filter((place) => each[place]!.node === home)).toEqual([]);
          }
        }
      }),
    );
  });

  it('is the same for the same targets', () => {
    fc.assert(
      fc.property(targets, most, (each, childrenMax) => {
        expect(planRelays([...each], childrenMax)).toEqual(planRelays(each, childrenMax));
      }),
    );
  });

  it('makes about as many subtrees as each has children', () => {
    const { subtrees, direct } = planRelays(able(Array.from({ length: 10_000 })), 1_000);
    expect(subtrees).toHaveLength(100);
    expect(new Set(subtrees.map(({ children }) => children.length))).toEqual(new Set([100]));
    expect(direct).toEqual([]);
  });

  it('makes more where children would be too many for one', () => {
    const { subtrees } = planRelays(able(Array.from({ length: 100 })), 4);
    expect(subtrees).toHaveLength(25);
  });

  it('plans nothing where nobody relays, or there is nobody to relay to', () => {
    const alone: Target[] = [{ node: undefined, relays: true, relayed: true }];
    expect(planRelays(alone, 10)).toEqual({ subtrees: [], direct: [0] });
    const dumb = able(['a', 'b', 'c']).map((each) => ({ ...each, relays: false }));
    expect(planRelays(dumb, 10)).toEqual({ subtrees: [], direct: [0, 1, 2] });
    expect(planRelays([], 10)).toEqual({ subtrees: [], direct: [] });
  });
});

describe('Pending', () => {
  const children = [3, 5, 8];

  it('settles each child once', () => {
    const pending = new Pending(children);
    expect(pending.settle([5, 3])).toBe(true);
    expect(pending.settle([5])).toBe(false);
    expect(pending.size).toBe(1);
    expect(pending.takeRest()).toEqual([8]);
    expect(pending.settle([8])).toBe(false);
  });

  it('enters as a whole or not at all, whatever is said', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(9))), (words) => {
        const pending = new Pending(children);
        const settled: number[] = [];
        for (const word of words) {
          const before = pending.size;
          if (pending.settle(word)) settled.push(...word);
          else expect(pending.size).toBe(before);
        }
        expect(new Set(settled).size).toBe(settled.length);
        expect(sorted([...settled, ...pending.takeRest()])).toEqual(children);
      }),
    );
  });
});

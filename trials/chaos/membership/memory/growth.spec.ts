import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '@nexus/testing';
import { type Life, newLife } from '../members/life.js';
import { growing } from '../verdict/growing.js';
import { growths, toldOfAfterMs } from './growth.js';

const everyMs = 20_000;
const random = new SeededRandom(3);

interface Kept {
  readonly lastsMs: number;
  /** Megabytes a minute. */
  readonly heldGrows?: number;
  /** Megabytes up and down. */
  readonly noise?: number;
}

function life(id: string, { lastsMs, heldGrows = 0, noise = 0 }: Kept): Life {
  const each = newLife({ id, role: 'agent' }, 0);
  // As late as a first reading comes.
  for (let atMs = 2 * everyMs - 1; atMs < lastsMs; atMs += everyMs) {
    each.memory.resident.push({ atMs, value: 100 + (2.6 * atMs) / 60_000 });
    each.memory.held.push({ atMs, value: 20 + (heldGrows * atMs) / 60_000 + random.between(-noise, noise) });
  }
  return each;
}

describe('the growth of memory', () => {
  it('is told of each life that lasted, and of its role', () => {
    const { lives, roles } = growths([life('a', { lastsMs: 400_000 }), life('b', { lastsMs: 100_000 })]);
    expect(lives).toMatchObject([{ id: 'a', role: 'agent' }]);
    expect(lives[0]!.resident?.perMinute).toBeCloseTo(2.6);
    expect(roles[0]!.resident?.perMinute).toBeCloseTo(2.6);
    expect(roles).toMatchObject([{ role: 'agent', lives: 1 }]);
    expect(roles[0]!.held.perMinute).toBeCloseTo(0);
  });

  it('is told of RSS only where it has had minutes to rise and rest', () => {
    const { lives, roles } = growths([life('a', { lastsMs: toldOfAfterMs })]);
    expect(lives).toMatchObject([{ id: 'a', resident: null }]);
    expect(roles).toMatchObject([{ role: 'agent', resident: null, held: { perMinute: expect.closeTo(0) } }]);
  });

  it('is found in many lives where none shows it for sure', () => {
    const leak = { lastsMs: 300_000, heldGrows: 0.8, noise: 1 };
    const grown = growths(Array.from({ length: 40 }, (_, at) => life(`agent-${at}`, leak)));
    expect(grown.roles[0]!.held.low).toBeGreaterThan(0.5);
    expect(growing(grown)).toEqual(['processes of a role grow, taken together: agent']);
  });

  it('is none where only the noise is large', () => {
    const noisy = { lastsMs: 300_000, noise: 3 };
    const lives = Array.from({ length: 40 }, (_, at) => life(`agent-${at}`, noisy));
    expect(growing(growths(lives))).toEqual([]);
  });
});

import { VectorClock } from '@nexus/core/causality';
import { SeededRandom } from '@nexus/testing';
import { type PlainClock } from './plain-clock.js';

/** The same clock twice, once for each way. */
export interface ClockSample {
  readonly plain: PlainClock;
  readonly vector: VectorClock;
  readonly plainText: string;
  readonly vectorText: string;
}

export type ClockPair = readonly [one: ClockSample, other: ClockSample];

const pairs = 64;
const counterMax = 10_000;

/** Pairs of clocks as they meet: a quarter each equal, before, after, and concurrent, over the names of one deployment. */
export function clockPairs(entries: number): ClockPair[] {
  const random = new SeededRandom(1, `clocks of ${entries}`);
  const names = Array.from({ length: entries }, (_, at) => `coordinator-${at}.${random.integer(1e7, 9e7)}`);
  return Array.from({ length: pairs }, (_, at): ClockPair => {
    const base = new Map(names.map((name) => [name, random.integer(1, counterMax)]));
    const ahead = () =>
      sampleOf(new Map([...base].map(([name, count]) => [name, count + random.integer(0, 2)])));
    const own = sampleOf(base);
    const choices: readonly ClockPair[] = [
      ...([
        [own, sampleOf(base)],
        [own, ahead()],
        [ahead(), own],
        [ahead(), ahead()],
      ] as const),
    ];
    return choices[at % choices.length]!;
  });
}

function sampleOf(plain: PlainClock): ClockSample {
  const vector = VectorClock.of(plain);
  return { plain, vector, plainText: JSON.stringify(Object.fromEntries(plain)), vectorText: vector.encode() };
}

import { assert } from '@nexus/core/invariant';

/** Of a text, 32 bits (FNV-1a). */
function digest(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/**
 * Randomness that a seed decides (sfc32). A stream of its own for each purpose keeps purposes apart: when a fault is
 * left out, the others still draw the numbers that they drew before.
 */
export class SeededRandom {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(
    private readonly seed: number,
    private readonly stream = '',
  ) {
    assert(Number.isSafeInteger(seed) && seed >= 0, 'a seed is a non-negative integer');
    this.a = seed >>> 0;
    this.b = Math.floor(seed / 2 ** 32) >>> 0;
    this.c = digest(stream);
    // The first numbers still resemble the seed.
    for (let round = 0; round < 15; round++) this.next();
  }

  /** Another stream of the same seed; it depends on the label, not on what was drawn here. */
  fork(label: string): SeededRandom {
    return new SeededRandom(this.seed, `${this.stream}/${label}`);
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  between(min: number, max: number): number {
    return min + (max - min) * this.next();
  }

  /** An integer from min to max, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor((max - min + 1) * this.next());
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    assert(choices.length > 0, 'there must be something to pick from');
    return choices[this.integer(0, choices.length - 1)]!;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(0, last);
      [result[last], result[other]] = [result[other]!, result[last]!];
    }
    return result;
  }
}

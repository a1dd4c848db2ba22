import { Samples } from '../index.js';

/** What a seeded generator offers. */
export interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
  between(min: number, max: number): number;
  /** From min to max, both included. */
  integer(min: number, max: number): number;
}

/** Draws from the standard normal distribution (Box and Muller). */
export function normalOf(random: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Draws from Student's distribution with few degrees of freedom, whose tails are heavy. */
export function studentOf(random: Chance, degrees: number): number {
  let squares = 0;
  for (let at = 0; at < degrees; at++) squares += normalOf(random) ** 2;
  return normalOf(random) / Math.sqrt(squares / degrees);
}

/** Rows and what is to be learnt of each. */
export interface Labelled {
  readonly samples: Samples;
  readonly targets: Float64Array;
}

/** Samples of `count` rows, each with what `truth` says of it. */
export function labelled(
  count: number,
  width: number,
  draw: () => readonly number[],
  truth: (row: readonly number[]) => number,
): Labelled {
  const samples = new Samples(width);
  const targets = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const row = draw();
    samples.add(row);
    targets[at] = truth(row);
  }
  return { samples, targets };
}

/** A fleet and its work: agents 1 to 400, latency 1 to 100 ms, and `noise` features that mean nothing. */
export const fleetRow = (random: Chance, noise: number): number[] => [
  random.integer(1, 400),
  random.between(1, 100),
  ...Array.from({ length: noise }, () => normalOf(random)),
];

/** A linear rule over features of very different sizes, two of which mean nothing. */
export const linearRow = (random: Chance): number[] => [
  random.between(0, 1),
  500 + 100 * normalOf(random),
  1e6 * random.next(),
  normalOf(random),
  40 + 3 * normalOf(random),
];

export const rootMeanSquare = (errors: ArrayLike<number>): number =>
  Math.sqrt(Array.from(errors).reduce((sum, error) => sum + error * error, 0) / errors.length);

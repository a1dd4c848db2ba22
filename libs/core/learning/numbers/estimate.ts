import { z95 } from './normal.js';

/** A mean that was estimated, in the unit of what was averaged, with its 95 % interval (normal approximation). */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
  /** How many samples it is from. */
  readonly samples: number;
}

export const estimateOf = (value: number, standardError: number, samples: number): Estimate => ({
  value,
  standardError,
  low: value - z95 * standardError,
  high: value + z95 * standardError,
  samples,
});

/** The mean of `count` numbers that `at` gives one by one. None: 0, with an error of 0. */
export function meanEstimate(count: number, at: (index: number) => number): Estimate {
  if (count === 0) return estimateOf(0, 0, 0);
  let mean = 0;
  let squares = 0;
  for (let index = 0; index < count; index++) {
    const value = at(index);
    const difference = value - mean;
    mean += difference / (index + 1);
    squares += difference * (value - mean);
  }
  return estimateOf(mean, count > 1 ? Math.sqrt(squares / (count - 1) / count) : 0, count);
}

/**
 * The interval in which a probability lies with 95 %, after `successes` of `trials`. Unlike the plain interval it stays
 * within 0 to 1 and is right for few trials. Nothing tried: 0 to 1.
 * Source: E. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
 */
export function wilsonInterval(successes: number, trials: number): { low: number; high: number } {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const z2 = z95 * z95;
  const centre = (share + z2 / (2 * trials)) / (1 + z2 / trials);
  const half =
    (z95 / (1 + z2 / trials)) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

import { medianOf } from '@nexus/core/learning';

/** The median absolute deviation of a normal distribution, in its standard deviations, is 1 / 1.4826. */
const madToSigma = 1.4826;

/** The median of values, and their robust standard deviation, not below `sigmaMin`. */
export function robustSpread(
  values: readonly number[],
  sigmaMin: number,
): { readonly median: number; readonly sigma: number } {
  const median = medianOf(values);
  const sigma = madToSigma * medianOf(values.map((value) => Math.abs(value - median)));
  return { median, sigma: Math.max(sigma, sigmaMin) };
}

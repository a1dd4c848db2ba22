import { medianOf, sigmaOfMad } from '@nexus/core/learning';

/** The median of values, and their robust standard deviation, not below `sigmaMin`. */
export function robustSpread(
  values: readonly number[],
  sigmaMin: number,
): { readonly median: number; readonly sigma: number } {
  const median = medianOf(values);
  const sigma = sigmaOfMad * medianOf(values.map((value) => Math.abs(value - median)));
  return { median, sigma: Math.max(sigma, sigmaMin) };
}

/** Of the standard normal distribution, what leaves 2.5 % at either end. */
export const z95 = 1.959963984540054;

/** What makes a median absolute deviation an estimate of the standard deviation, were the numbers normal. */
export const sigmaOfMad = 1.4826022185056018;

/**
 * The share of a standard normal distribution that lies at or below `z`, off by less than 1e-7.
 * Source: Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 26.2.17.
 */
export function normalShareBelow(z: number): number {
  if (z < 0) return 1 - normalShareBelow(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}

/** The greatest magnitude that a feature, a target or a reward may have. Its square times a million is still exact. */
export const magnitudeMax = 1e12;

/** Whether a value may be learnt from: a finite number of at most 1e12 in magnitude. */
export const isAdmissible = (value: unknown): value is number =>
  typeof value === 'number' && value >= -magnitudeMax && value <= magnitudeMax;

/** Whether all of `values` are admissible and there are `length` of them; a hole counts as a value that is not. */
export function areAdmissible(values: ArrayLike<number>, length: number): boolean {
  if (values.length !== length) return false;
  for (let at = 0; at < length; at++) if (!isAdmissible(values[at])) return false;
  return true;
}

/** The nearest number within ±`bound`. */
export const clipped = (value: number, bound: number) =>
  value > bound ? bound : value < -bound ? -bound : value;

/*
 * A model that was stored comes back from a place that others may write to. It is read like any other input: each field is
 * looked at, and one that is wrong makes the whole of it wrong. Nothing here throws.
 */

/** The greatest magnitude in a snapshot: squares of what is admissible fit below, and no product of two overflows. */
const figureMax = 1e30;

export const isFigure = (value: unknown): value is number =>
  typeof value === 'number' && value >= -figureMax && value <= figureMax;

/** A whole number from `min` to `max`. */
export const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

/** The fields of an object; undefined when it is none. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

/** The numbers of a list of exactly that length, none beyond ±`magnitude`; undefined when it is no such list. */
export function figuresOf(value: unknown, length: number, magnitude = figureMax): Float64Array | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined;
  // Copied, as a hole would be passed over.
  const list: readonly unknown[] = [...(value as readonly unknown[])];
  const isWithin = (item: unknown): item is number =>
    typeof item === 'number' && item >= -magnitude && item <= magnitude;
  return list.every(isWithin) ? Float64Array.from(list) : undefined;
}

/** As `figuresOf`, of whole numbers from `min` to `max`. */
export function wholesOf(
  value: unknown,
  length: number,
  { min, max }: { min: number; max: number },
): Int32Array | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined;
  const list: readonly unknown[] = [...(value as readonly unknown[])];
  return list.every((item) => isWhole(item, min, max)) ? Int32Array.from(list) : undefined;
}

/** Distinct texts that are not empty, at least one. */
export function namesOf(value: unknown, countMax: number): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > countMax) return undefined;
  const list: readonly unknown[] = [...(value as readonly unknown[])];
  const areTexts = list.every((item): item is string => typeof item === 'string' && item !== '');
  return areTexts && new Set(list).size === list.length ? [...list] : undefined;
}

/** A vector clock as one writes it down first: a Map, and the union of the names of both for each operation. */
export type PlainClock = ReadonlyMap<string, number>;

const namesOf = (one: PlainClock, other: PlainClock): Set<string> =>
  new Set([...one.keys(), ...other.keys()]);

export function plainMerge(one: PlainClock, other: PlainClock): PlainClock {
  const merged = new Map<string, number>();
  for (const name of namesOf(one, other))
    merged.set(name, Math.max(one.get(name) ?? 0, other.get(name) ?? 0));
  return merged;
}

export function plainCompare(one: PlainClock, other: PlainClock): string {
  const signs = [...namesOf(one, other)].map((name) =>
    Math.sign((one.get(name) ?? 0) - (other.get(name) ?? 0)),
  );
  if (signs.every((sign) => sign === 0)) return 'equal';
  if (signs.every((sign) => sign <= 0)) return 'before';
  if (signs.every((sign) => sign >= 0)) return 'after';
  return 'concurrent';
}

export const plainEncode = (clock: PlainClock): string => JSON.stringify(Object.fromEntries(clock));

export const plainDecode = (text: string): PlainClock =>
  new Map(Object.entries(JSON.parse(text) as Record<string, number>));

import { type ClockOrder } from '@nexus/core/causality';

/** A vector clock as one writes it down first: a Map, and one pass for each operation. */
export type PlainClock = ReadonlyMap<string, number>;

export function plainMerge(one: PlainClock, other: PlainClock): PlainClock {
  const merged = new Map(one);
  for (const [name, counter] of other) if (counter > (one.get(name) ?? 0)) merged.set(name, counter);
  return merged;
}

/** Counters are 1 or more: a name that only one clock has puts that one ahead. */
export function plainCompare(one: PlainClock, other: PlainClock): ClockOrder {
  let isAhead = false;
  let isBehind = false;
  let sharedNames = 0;
  for (const [name, counter] of one) {
    const its = other.get(name);
    if (its !== undefined) sharedNames += 1;
    if (counter > (its ?? 0)) isAhead = true;
    else if (counter < its!) isBehind = true;
    if (isAhead && isBehind) return 'concurrent';
  }
  if (sharedNames < other.size) isBehind = true;
  if (isAhead) return isBehind ? 'concurrent' : 'after';
  return isBehind ? 'before' : 'equal';
}

export const plainEncode = (clock: PlainClock): string => JSON.stringify(Object.fromEntries(clock));

export const plainDecode = (text: string): PlainClock =>
  new Map(Object.entries(JSON.parse(text) as Record<string, number>));

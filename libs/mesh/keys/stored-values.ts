import { limits } from '@nexus/contracts';
import { type Content, type DottedValue, readClock } from '@nexus/core/causality';

/** One member's values of one key, as it publishes them: counter, past, and the value unless it is a removal. */
type StoredValue = readonly [counter: number, past: Record<string, number>, value?: unknown];

/** Values that one member may have beside each other under one key. */
export const siblingsMax = 16;

/** What a member publishes under a key; it names itself by being the one that publishes. */
export const storedOf = (values: readonly DottedValue<unknown>[]): readonly StoredValue[] =>
  values.map(({ counter, past, content }) =>
    content.kind === 'value' ? [counter, past.toRecord(), content.value] : [counter, past.toRecord()],
  );

/**
 * Reads what a member published under a key.
 * @param counterMax counters are readings of a clock: further ahead is a lie
 * @returns undefined for what no member writes
 */
export function readStored(
  by: string,
  stored: unknown,
  counterMax: number,
): readonly DottedValue<unknown>[] | undefined {
  if (!Array.isArray(stored) || stored.length === 0 || stored.length > siblingsMax) return undefined;
  const values: DottedValue<unknown>[] = [];
  for (const one of stored as readonly unknown[]) {
    const value = readOne(by, one, counterMax);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function readOne(by: string, stored: unknown, counterMax: number): DottedValue<unknown> | undefined {
  if (!Array.isArray(stored) || stored.length < 2 || stored.length > 3) return undefined;
  const [counter, past, value] = stored as readonly unknown[];
  if (!Number.isSafeInteger(counter)) return undefined;
  const at = counter as number;
  if (at < 1 || at > counterMax) return undefined;
  const reading = readClock(past, { entriesMax: limits.clockEntriesMax, counterMax });
  // What is before a write cannot have it in it.
  if (reading.kind === 'malformed' || reading.clock.get(by) >= at) return undefined;
  const content: Content<unknown> = stored.length === 3 ? { kind: 'value', value } : { kind: 'removed' };
  return { by, counter: at, past: reading.clock, content };
}

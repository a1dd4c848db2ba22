import { limits, memberIdSchema } from '@nexus/contracts';
import { type Content, type DottedValue, readClock } from '@nexus/core/causality';
import { fitsField } from '@nexus/wire';

/**
 * One member's values of one key, as it publishes them: counter, past, and the value unless it is a removal. Of a value
 * that it took over from a member that is gone, who had written it.
 */
type StoredValue = readonly [counter: number, past: Record<string, number>, value?: unknown, by?: string];

/** Values that one member may have beside each other under one key. */
export const siblingsMax = 16;

/** What a member publishes under a key; of its own values it names itself by being the one that publishes. */
export const storedOf = (keeper: string, values: readonly DottedValue<unknown>[]): readonly StoredValue[] =>
  values.map(({ by, counter, past, content }) => {
    if (content.kind === 'removed') return [counter, past.toRecord()];
    const own = [counter, past.toRecord(), content.value] as const;
    return by === keeper ? own : [...own, by];
  });

/**
 * Reads what a member published under a key. A value that no request could have put is none: replies could not carry it.
 * @param counterMax counters are readings of a clock: further ahead is a lie
 * @returns undefined for what no member writes
 */
export function readStored(
  keeper: string,
  stored: unknown,
  counterMax: number,
): readonly DottedValue<unknown>[] | undefined {
  if (!Array.isArray(stored) || stored.length === 0 || stored.length > siblingsMax) return undefined;
  const values: DottedValue<unknown>[] = [];
  for (const one of stored as readonly unknown[]) {
    const value = readOne(keeper, one, counterMax);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function readOne(keeper: string, stored: unknown, counterMax: number): DottedValue<unknown> | undefined {
  if (!Array.isArray(stored) || stored.length < 2 || stored.length > 4) return undefined;
  const [counter, past, , author = keeper] = stored as readonly unknown[];
  if (!Number.isSafeInteger(counter)) return undefined;
  const at = counter as number;
  if (at < 1 || at > counterMax) return undefined;
  const by = memberIdSchema.safeParse(author);
  if (!by.success || (stored.length === 4 && author === keeper)) return undefined;
  const reading = readClock(past, { entriesMax: limits.clockEntriesMax, counterMax });
  // What is before a write cannot have it in it.
  if (reading.kind === 'malformed' || reading.clock.get(by.data) >= at) return undefined;
  const content = contentOf(stored);
  return content && { by: by.data, counter: at, past: reading.clock, content };
}

function contentOf([, , ...rest]: readonly unknown[]): Content<unknown> | undefined {
  if (rest.length === 0) return { kind: 'removed' };
  const [value] = rest;
  return fitsField(value) ? { kind: 'value', value } : undefined;
}

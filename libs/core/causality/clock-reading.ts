import { VectorClock } from './vector-clock.js';

export interface ClockBounds {
  /** Processes that a clock may name. */
  readonly entriesMax: number;
  /** Largest counter. */
  readonly counterMax: number;
}

export type ClockFault =
  /** Not a record, not pairs, not the canonical text. */
  'not_a_clock' | 'too_many_entries' | 'bad_name' | 'bad_counter';

export type ClockReading =
  | { readonly kind: 'clock'; readonly clock: VectorClock }
  | { readonly kind: 'malformed'; readonly reason: ClockFault };

/**
 * A clock that somebody sent: a record or pairs. Zero entries are left out. Nothing of a malformed one is used, and it
 * costs no more than its bound, however long it is.
 */
export function readClock(source: unknown, bounds: ClockBounds): ClockReading {
  const pairs = pairsOf(source);
  return pairs === undefined ? malformed('not_a_clock') : readPairs(pairs, bounds);
}

/** Reads what `VectorClock.encode` wrote, and nothing else: another text of the same clock is malformed. */
export function decodeClock(text: string, bounds: ClockBounds): ClockReading {
  const flat = parsed(text);
  if (!Array.isArray(flat) || flat.length % 2 !== 0) return malformed('not_a_clock');
  if (flat.length > 2 * bounds.entriesMax) return malformed('too_many_entries');
  const reading = readPairs(pairsOfFlat(flat), bounds);
  if (reading.kind === 'clock' && reading.clock.encode() !== text) return malformed('not_a_clock');
  return reading;
}

function readPairs(pairs: Iterable<readonly unknown[]>, bounds: ClockBounds): ClockReading {
  const entries: [string, number][] = [];
  for (const [name, counter] of pairs) {
    if (typeof name !== 'string' || name === '') return malformed('bad_name');
    if (!isCounter(counter, bounds)) return malformed('bad_counter');
    if (entries.length >= bounds.entriesMax) return malformed('too_many_entries');
    entries.push([name, counter]);
  }
  return { kind: 'clock', clock: VectorClock.of(entries) };
}

function isCounter(value: unknown, { counterMax }: ClockBounds): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= counterMax;
}

/** A `Map` is pairs as it stands; of a record its own keys are taken, so that `__proto__` is one of them. */
function pairsOf(source: unknown): Iterable<readonly unknown[]> | undefined {
  if (source instanceof Map) return source;
  if (Array.isArray(source)) return source.every((pair) => Array.isArray(pair)) ? source : undefined;
  if (typeof source !== 'object' || source === null) return undefined;
  return Object.entries(source);
}

function* pairsOfFlat(flat: readonly unknown[]): IterableIterator<unknown[]> {
  for (let at = 0; at < flat.length; at += 2) yield [flat[at], flat[at + 1]];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function malformed(reason: ClockFault): ClockReading {
  return { kind: 'malformed', reason };
}

import { VectorClock } from './vector-clock.js';

/** What may be believed of a clock that somebody sent. */
export interface AdmissionRules {
  /** Own name in clocks, and how many events of one's own there were: nobody can know of more. */
  readonly self: string;
  readonly issued: number;
  /** Who sent the clock, as a name in clocks: what it says of itself it says first-hand. */
  readonly sender: string;
  /** Whether a name is one of the fleet or the mesh. */
  readonly isKnown: (name: string) => boolean;
  /** How far one clock may advance what is known of a process. */
  readonly stepMax: number;
  /** How far at most a process of which nothing is known may be said to be, by another one; itself it may say any. */
  readonly introducedMax: number;
  /** Entries of what is known. */
  readonly entriesMax: number;
}

export type EntryRefusal =
  /** More of one's own events than there were. */
  'beyond_issued' | 'unknown_name' | 'step_too_large' | 'too_many_entries';

export interface RefusedEntry {
  readonly name: string;
  readonly counter: number;
  readonly reason: EntryRefusal;
}

export interface Admission {
  /** What is known now: `known` with what was believed. */
  readonly clock: VectorClock;
  /** At most as many as the received clock has entries. */
  readonly refused: readonly RefusedEntry[];
}

/**
 * Merges a received clock as far as it can be believed. An entry that is refused leaves what was known: a lie about one
 * process costs the liar its entry, and nobody a clock that can never be caught up with.
 */
export function admitClock(known: VectorClock, received: VectorClock, rules: AdmissionRules): Admission {
  const believed: [string, number][] = [];
  const refused: RefusedEntry[] = [];
  let size = known.size;
  for (const [name, counter] of received.beyond(known).entries()) {
    const isNew = known.get(name) === 0;
    const reason =
      refusalOf(known, name, counter, rules) ??
      (isNew && size >= rules.entriesMax ? 'too_many_entries' : undefined);
    if (reason !== undefined) {
      refused.push({ name, counter, reason });
      continue;
    }
    if (isNew) size += 1;
    believed.push([name, counter]);
  }
  if (believed.length === 0) return { clock: known, refused };
  return { clock: known.merge(VectorClock.of(believed)), refused };
}

function refusalOf(
  known: VectorClock,
  name: string,
  counter: number,
  rules: AdmissionRules,
): EntryRefusal | undefined {
  if (name === rules.self) return counter > rules.issued ? 'beyond_issued' : undefined;
  if (!rules.isKnown(name)) return 'unknown_name';
  const before = known.get(name);
  if (before > 0) return counter - before > rules.stepMax ? 'step_too_large' : undefined;
  if (name === rules.sender) return undefined;
  return counter > rules.introducedMax ? 'step_too_large' : undefined;
}

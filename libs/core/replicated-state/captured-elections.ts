import { type Candidacy, type Election } from './election.js';
import { type ElectionImage } from './image.js';

/** Elections as they stood: what never changes by reference, what changes as numbers. */
export interface CapturedElections {
  readonly elections: readonly Election[];
  readonly tokens: Float64Array;
  /** Where the candidates of each election begin, and at last where all end. */
  readonly firsts: Uint32Array;
  /** Of all elections in a row, who is in office before those who wait. */
  readonly candidacies: readonly Candidacy[];
  readonly ends: Float64Array;
}

/** @param size how many candidates there are in all */
export function captureElections(elections: readonly Election[], size: number): CapturedElections {
  const tokens = new Float64Array(elections.length);
  const firsts = new Uint32Array(elections.length + 1);
  const candidacies: Candidacy[] = [];
  for (let at = 0; at < elections.length; at++) {
    const { leader, waiting, fencingToken } = elections[at]!;
    tokens[at] = fencingToken;
    candidacies.push(leader);
    // Most have none: an iterator for each would be most of the work.
    if (waiting.size > 0) for (const candidacy of waiting.values()) candidacies.push(candidacy);
    firsts[at + 1] = candidacies.length;
  }
  const ends = new Float64Array(size);
  for (let at = 0; at < size; at++) ends[at] = candidacies[at]!.expiresAtMs;
  return { elections, tokens, firsts, candidacies, ends };
}

export function electionImage(
  { elections, tokens, firsts, candidacies, ends }: CapturedElections,
  at: number,
): ElectionImage {
  const candidates: [candidate: string, expiresAtMs: number][] = [];
  for (let place = firsts[at]!; place < firsts[at + 1]!; place++)
    candidates.push([candidacies[place]!.candidate, ends[place]!]);
  return [elections[at]!.name, tokens[at]!, candidates];
}

import { type Times, timesOf } from '../../times.js';
import { type RoundReport } from '../round.js';

/** The figures of each kind of fault. */
export function timesByKind(
  rounds: readonly RoundReport[],
  timeOf: (round: RoundReport) => number,
): Record<string, Times> {
  const kinds = [...new Set(rounds.map(({ kind }) => kind))].sort();
  return Object.fromEntries(
    kinds.map((kind) => [kind, timesOf(rounds.filter((round) => round.kind === kind).map(timeOf))]),
  );
}

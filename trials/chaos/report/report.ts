import { type FaultName } from '../faults/fault.js';
import { type RoundReport } from '../round.js';
import { type Judgement } from '../verdict/verdict.js';

/** Times of one kind of fault, in milliseconds. */
export interface Times {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** A run without faults. */
export interface QuietReport {
  readonly durationMs: number;
  readonly load: string;
  /** Proposals that were committed, where they were counted. */
  readonly committed: number;
}

/** What one scenario showed: figures by what they count, and what must not be. */
export interface ScenarioReport {
  readonly name: string;
  readonly facts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

export interface Report {
  readonly seed: number;
  readonly replicas: number;
  readonly faults: readonly FaultName[];
  readonly tookMs: number;
  readonly rounds: readonly RoundReport[];
  readonly quiet: QuietReport | null;
  readonly scenario: ScenarioReport | null;
  /** From a fault to the next acknowledged proposal, by kind of fault. */
  readonly failover: Readonly<Record<string, Times>>;
  /** From the mending to the last replica that is back and has caught up, by kind of fault. */
  readonly back: Readonly<Record<string, Times>>;
  readonly terms: { readonly first: number; readonly last: number };
  /** Terms that began while nothing was broken. */
  readonly falseElections: number;
  readonly operations: {
    readonly recorded: number;
    readonly unknown: number;
    readonly errors: Readonly<Record<string, number>>;
  };
  /** How late the trial's own process was, which it shares the machine with. */
  readonly ownDelay: { readonly p99Ms: number; readonly maxMs: number };
  /** What never happened, where the run ended for it. */
  readonly failure: string | null;
  readonly judgement: Judgement | null;
  readonly isGood: boolean;
}

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

function timesOf(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b);
  // The smallest value that so many are not above: with few rounds the 99th percentile is the largest.
  const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  return { count: sorted.length, p50Ms: rank(0.5), p99Ms: rank(0.99), maxMs: sorted.at(-1) ?? 0 };
}

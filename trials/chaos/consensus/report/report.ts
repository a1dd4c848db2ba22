import { type FaultName } from '../faults/fault.js';
import { type LoadName } from '../load/load-name.js';
import { type RoundReport } from '../round.js';
import { type Judgement } from '../verdict/verdict.js';
import { type LeaderKilled } from './leader-killed.js';
import { type Times } from '../../times.js';

/** A run without faults. */
export interface QuietReport {
  readonly durationMs: number;
  readonly load: LoadName;
  /** Proposals that were committed, where they were counted. */
  readonly committed: number;
  /** Proposals of the full load that failed. */
  readonly failed: number;
  /** For how long the event loop of each replica stood still at the longest; elections may be for that. */
  readonly longestStallMs: Readonly<Record<string, number>>;
  /** How long a flush took on the disk of the logs; elections may be for that, too. */
  readonly flushes: Times;
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
  /** The same of all rounds that killed the leader, beside the goal. */
  readonly leaderKilled: LeaderKilled | null;
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
  /** What speaks against the run, in words. */
  readonly objections: readonly string[];
  readonly isGood: boolean;
}

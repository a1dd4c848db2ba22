import { type OutageReport } from '../faults/redis-outage.js';
import { type FlightReport } from '../flight-watch.js';
import { type NumbersReport } from '../numbers/taken.js';
import { type Times } from '../../times.js';
import { type Accounts } from '../verdict/accounts.js';

/** Times are in milliseconds. */
export interface WorkReport {
  readonly seed: number;
  readonly agents: number;
  readonly coordinators: number;
  readonly parallel: number;
  readonly tookMs: number;
  /** From the first request to the last reply. */
  readonly loadMs: number;
  /** Of the requests. */
  readonly requests: Times;
  /** Agents that were killed, in their order, and the share of units that had ended by then. */
  readonly kills: readonly { readonly agentId: string; readonly atShare: number }[];
  readonly accounts: Accounts;
  readonly flight: FlightReport;
  /** From the last reply until exactly the survivors were listed as agents; null when that did not come. */
  readonly onlySurvivorsAfterMs: number | null;
  /** Null when Redis was left alone. */
  readonly outage: OutageReport | null;
  readonly numbers: NumbersReport;
  /** What speaks against the run, in words. */
  readonly objections: readonly string[];
  readonly isGood: boolean;
}

import { type MemoryReport } from '../memory/growth.js';
import { type Deliveries } from '../verdict/deliveries.js';
import { type Disturbances } from '../verdict/disturbances.js';
import { type MembershipJudgement } from '../verdict/judge-membership.js';
import { type GossipCost } from './gossip-cost.js';

/** How the members stood once everybody was back. */
export interface EndReport {
  /** From the last return until everybody knew everybody. */
  readonly agreedAfterMs: number;
  /** Until every member said that all know the same, which it is asked for every two seconds. */
  readonly convergedAfterMs: number;
}

export interface MembershipReport {
  readonly seed: number;
  readonly services: number;
  readonly agents: number;
  readonly killShare: number;
  readonly roundMs: number;
  readonly durationMs: number;
  readonly tookMs: number;
  readonly volleys: number;
  readonly killed: number;
  /** Of those killed: who stayed away for longer than it takes to be noticed. */
  readonly stayedAway: number;
  readonly bounds: { readonly noticedWithinMs: number; readonly knownWithinMs: number };
  readonly membership: MembershipJudgement;
  /** Null when it did not come to that. */
  readonly end: EndReport | null;
  readonly load: Disturbances;
  readonly deliveries: Deliveries;
  readonly gossip: { readonly services: GossipCost; readonly agents: GossipCost };
  readonly refused: Readonly<Record<string, number>>;
  readonly memory: MemoryReport;
  /** How late the trial's own process was, which it shares the machine with. */
  readonly ownDelay: { readonly p99Ms: number; readonly maxMs: number };
  /** What never happened, where the run ended for it. */
  readonly failure: string | null;
  /** What speaks against the run, in words. */
  readonly objections: readonly string[];
  readonly isGood: boolean;
}

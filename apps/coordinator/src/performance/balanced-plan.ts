import { type AlgorithmName } from '@nexus/contracts';
import {
  type Chooser,
  type FleetLoads,
  type LeasedNumbers,
  type Numbers,
  type Selection,
  type WaitingLine,
} from '@nexus/balancer';
import { type FlowingRetryBudget } from '@nexus/core/resilience';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Fleet } from '../fleet/fleet.js';

export interface BalancedWorkParts {
  readonly line: AgentLine;
  readonly fleet: Fleet;
  readonly loads: FleetLoads;
  readonly chooser: Chooser;
  readonly numbers: LeasedNumbers;
  readonly waiting: WaitingLine;
  readonly retries: FlowingRetryBudget;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** What the agents are chosen by. */
export interface BalancedPlan {
  readonly algorithm: AlgorithmName;
  readonly selection: Selection;
  /** The round-robin number of the first unit; the others have those behind it. Undefined for other algorithms. */
  readonly numbers: Numbers | undefined;
}

import { type Route, type WorkResult } from '@nexus/contracts';
import { type RoundRobinCounter } from '@nexus/core/balancing';
import { type AgentLine } from '../fleet/agent-line.js';
import { type Fleet } from '../fleet/fleet.js';

/** Who does what, before anything is sent. */
export interface WorkPlan {
  /** Agents that may take work, by id. */
  readonly agents: readonly Route[];
  /** The agent of each request, in the order of the requests. */
  readonly assignments: readonly string[];
}

/** What came of the requests, in their order; without dispatch there are only the assignments. */
export interface WorkDone {
  readonly assignments: readonly string[];
  readonly results?: readonly WorkResult[];
}

export interface WorkOptions {
  readonly line: AgentLine;
  readonly fleet: Fleet;
  readonly counter: RoundRobinCounter;
  /** Work under way at an agent that declared no `maxConcurrency`. */
  readonly agentWindow: number;
}

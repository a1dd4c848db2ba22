import { type FleetLoads, type WaitingLine } from '@nexus/balancer';

/** How the sharing out of work stands at the moment. */
export interface WorkGauges {
  /** Units that agents have from here. */
  readonly unitsInFlight: () => number;
  /** Requests with work for which no agent has room. */
  readonly waiting: () => number;
  /** Agents that are known. */
  readonly agents: () => number;
  /** Agents that are ejected now. */
  readonly ejected: () => number;
  /** Ejections that there ever were. */
  readonly ejections: () => number;
}

export const workGaugesOf = ({ table }: Pick<FleetLoads, 'table'>, waiting: WaitingLine): WorkGauges => ({
  unitsInFlight: () => table.totalInFlight,
  waiting: () => waiting.length,
  agents: () => table.size,
  ejected: () => table.ejectedCount,
  ejections: () => table.ejectionsTotal,
});

import {
  type AgentId,
  type Anomaly,
  type Demotion,
  type GoalType,
  goalTypes,
  type Probation,
} from '@nexus/contracts';
import { type Held } from './holding.js';
import { type WatchState } from './watch-state.js';

/** The share of its work that an agent gets at each step. */
const shares = [0.25, 0] as const;

/**
 * What coordinators are to do about what is held against agents and types of goal.
 * @param nowMs in milliseconds since 1970
 */
export function ordersOf(
  { agents, goals, recent, graceMs }: WatchState,
  nowMs: number,
): {
  readonly probation: Probation[];
  readonly demotions: Demotion[];
} {
  return {
    probation: [...agents.held].map(([id, held]) => {
      const agentId = id as AgentId;
      const reason = reasonIn(recent, (anomaly) => anomaly.agentId === agentId);
      return { agentId, share: shares[held.step], reason, ...periodOf(held, { nowMs, graceMs }) };
    }),
    demotions: goalTypes.flatMap((type): Demotion[] => {
      const held = goals.held[type];
      const maxLayer = held?.caps[held.step];
      if (!held || !maxLayer) return [];
      const reason = reasonIn(recent, (anomaly) => anomaly.type === type);
      return [{ type, maxLayer, reason, ...periodOf(held, { nowMs, graceMs }) }];
    }),
  };
}

/** Until it was looked at again: between the end of a holding and that nobody is to have all of its share. */
const periodOf = (
  { sinceMs, untilMs }: Held,
  { nowMs, graceMs }: { readonly nowMs: number; readonly graceMs: number },
) => ({
  since: new Date(sinceMs).toISOString(),
  until: new Date(untilMs + graceMs).toISOString(),
  remainingMs: Math.max(0, untilMs + graceMs - nowMs),
});

function reasonIn(recent: readonly Anomaly[], isMeant: (anomaly: Anomaly) => boolean): string {
  const latest = recent.find(isMeant);
  if (!latest) return 'it is not as usual';
  const { measure, observed, usual, deviations, samples } = latest.evidence;
  const unit = measure === 'success' ? '' : ' ms';
  const figures = `${observed.toFixed(2)}${unit} where ${usual.toFixed(2)}${unit} is usual`;
  return `${measure} ${figures}: ${deviations.toFixed(1)} deviations off, by ${samples} samples`;
}

/** Names an agent or a type of goal. */
export interface Subject {
  readonly agentId?: AgentId | undefined;
  readonly type?: GoalType | undefined;
}

import { type AgentId, type Anomaly, goalTypes } from '@nexus/contracts';
import { type AgentFinding, type AgentSample, dismissAgent, watchAgents } from './agent-watch.js';
import { dismissGoal, type GoalFinding, type GoalSample, watchGoals } from './goal-watch.js';
import { type HoldingChange } from './holding.js';
import { type Subject } from './orders.js';
import { recentMax, type WatchState } from './watch-state.js';

export interface WatchStepOptions {
  readonly nowMs: number;
  readonly windowMs: number;
  readonly samplesMin: number;
  readonly deviations: number;
  readonly holdMs: number;
  /** Between two looks. */
  readonly intervalMs: number;
  /** How far back work counts of agents that do little. */
  readonly keptMs: number;
  /** Agents there are. */
  readonly agents: number;
}

export interface WatchStep {
  readonly state: WatchState;
  /** What happened by it, in order. */
  readonly happened: readonly Anomaly[];
}

/** How long after a look all coordinators have heard of it, in milliseconds. */
const heardMs = 2_000;

/** Looks at all that was done of late. */
export function watchAll(
  before: WatchState,
  samples: { readonly agents: readonly AgentSample[]; readonly goals: readonly GoalSample[] },
  options: WatchStepOptions,
): WatchStep & { readonly unjudged: number } {
  const agents = watchAgents(before.agents, samples.agents, options);
  const goals = watchGoals(before.goals, goalTypes, samples.goals, options);
  const at = new Date(options.nowMs).toISOString();
  const happened = [
    ...agents.findings.flatMap((finding) => ofAgent(finding, at)),
    ...goals.findings.flatMap((finding) => ofGoal(finding, at)),
  ];
  const recent = remembered(before, happened);
  const graceMs = options.intervalMs + heardMs;
  const state = { agents: agents.state, goals: goals.state, recent, graceMs };
  return { state, happened, unjudged: agents.unjudged };
}

/**
 * Holds nothing against it any more, and nothing for a while.
 * @returns undefined when nothing was held
 */
export function dismiss(
  before: WatchState,
  { agentId, type }: Subject,
  { nowMs, quietMs }: { readonly nowMs: number; readonly quietMs: number },
): WatchStep | undefined {
  const quietUntilMs = nowMs + quietMs;
  const at = new Date(nowMs).toISOString();
  if (agentId !== undefined && before.agents.held.has(agentId)) {
    const happened: Anomaly[] = [
      { kind: 'agent', agentId, response: 'dismissed', evidence: { ...nothing, measure: 'latency' }, at },
    ];
    const agents = dismissAgent(before.agents, agentId, quietUntilMs);
    return { happened, state: { ...before, agents, recent: remembered(before, happened) } };
  }
  if (type !== undefined && before.goals.held[type]) {
    const happened: Anomaly[] = [
      { kind: 'goal_class', type, response: 'dismissed', evidence: { ...nothing, measure: 'duration' }, at },
    ];
    const goals = dismissGoal(before.goals, type, quietUntilMs);
    return { happened, state: { ...before, goals, recent: remembered(before, happened) } };
  }
  return undefined;
}

const nothing = { samples: 0, observed: 0, usual: 0, deviations: 0 } as const;

const remembered = ({ recent }: WatchState, happened: readonly Anomaly[]): Anomaly[] =>
  [...happened].reverse().concat(recent).slice(0, recentMax);

function ofAgent({ agentId, change, evidence }: AgentFinding, at: string): Anomaly[] {
  const response = responseTo(change, ['probation', 'ejection']);
  return response ? [{ kind: 'agent', agentId: agentId as AgentId, response, evidence, at }] : [];
}

function ofGoal({ type, change, held, evidence }: GoalFinding, at: string): Anomaly[] {
  const [mild, strict] = held?.caps ?? [];
  const response = responseTo(change, [mild ? 'demotion' : 'noted', strict ? 'demotion' : 'noted']);
  return response ? [{ kind: 'goal_class', type, response, evidence, at }] : [];
}

/** Undefined where nothing happened that anybody would want to know: another look is no news. */
function responseTo(
  change: HoldingChange,
  [mild, strict]: readonly [Anomaly['response'], Anomaly['response']],
): Anomaly['response'] | undefined {
  switch (change) {
    case 'first':
      return mild;
    case 'further':
      return strict;
    case 'cleared':
    case 'rebased':
      return 'cleared';
    case 'back':
      return undefined;
  }
}

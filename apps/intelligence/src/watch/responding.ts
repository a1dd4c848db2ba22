/*
 * What is done about what is not as usual, step by step: less work for a while, then none, each time for longer; back
 * through less work when the time is over; and the slate is clean once it did well. A type of goal goes one layer down, then
 * another one. Pure: the same state, judgement and time, the same answer.
 */
import { type Anomaly, type Demotion, limits, parse, agentIdSchema, type Probation } from '@nexus/contracts';
import { type GoalType } from '../registry/registry.js';
import { type Evidence, type Judgement } from './judging.js';
import { type AgentRecord, recentMax, recordsMax, type TypeRecord, type WatchState } from './watch-state.js';

export interface Response {
  readonly state: WatchState;
  /** What happened, in order. */
  readonly happened: readonly Anomaly[];
}

export interface Circumstances {
  readonly nowMs: number;
  /** How long the first step lasts, in milliseconds. */
  readonly holdMs: number;
  /** Agents there are. */
  readonly agents: number;
  /** How those are judged that there are enough samples of, since the last step. */
  readonly judgedAgents: ReadonlyMap<string, Judgement>;
  readonly judgedTypes: ReadonlyMap<GoalType, Judgement>;
  /** Agents that did any work since their last step. */
  readonly seen: ReadonlySet<string>;
}

/** The share of work on probation. */
const probationShare = 0.25;
/** No more agents than this share of all, so that a mistake of ours costs a part of the fleet at most. */
const heldShareMax = 0.2;
const holdFactorMax = 10;

/** The state from now on, and what has happened by it. */
export function respond(before: WatchState, now: Circumstances): Response {
  const happened: Anomaly[] = [];
  const agents = new Map(before.agents.map((record) => [String(record.agentId), record]));
  for (const [agentId, record] of agents) {
    const next = agentStep(record, now, happened);
    if (next === undefined) agents.delete(agentId);
    else agents.set(agentId, next);
  }
  accuse(agents, now, happened);
  const types = typeSteps(before.types, now, happened);
  const recent = [...happened].reverse().concat(before.recent).slice(0, recentMax);
  return { state: { agents: [...agents.values()], types, recent }, happened };
}

const iso = (ms: number) => new Date(ms).toISOString();
const holdOf = ({ holdMs }: Circumstances, times: number) => holdMs * Math.min(holdFactorMax, 2 ** times);

/** Puts on probation who is anomalous, as far as not too many are held already. */
function accuse(agents: Map<string, AgentRecord>, now: Circumstances, happened: Anomaly[]): void {
  const room = Math.floor(now.agents * heldShareMax);
  let held = [...agents.values()].filter(({ probation }) => probation !== null).length;
  for (const [agentId, { isAnomalous, evidence }] of now.judgedAgents) {
    const known = agents.get(agentId);
    if (!isAnomalous || known?.probation || (known && known.quietUntil > now.nowMs)) continue;
    if (held >= room || agents.size >= recordsMax) return;
    held++;
    const id = parse(agentIdSchema, agentId, 'agent');
    const times = known?.times ?? 0;
    const probation = probationOf(id, now, probationShare, holdOf(now, 0), evidence);
    agents.set(agentId, { ...{ agentId: id, probation, times, quietUntil: 0 }, forgetAt: 0 });
    happened.push(anomalyOf({ agentId: id }, 'probation', evidence, now));
  }
}

/** Undefined: nothing is to be remembered of it. */
function agentStep(record: AgentRecord, now: Circumstances, happened: Anomaly[]): AgentRecord | undefined {
  const { agentId, probation, times } = record;
  const { nowMs } = now;
  if (probation === null) return nowMs < Math.max(record.forgetAt, record.quietUntil) ? record : undefined;
  if (nowMs < Date.parse(probation.until)) return record;
  if (probation.share === 0) {
    const back = {
      ...probation,
      share: probationShare,
      since: iso(nowMs),
      until: iso(nowMs + holdOf(now, 0)),
    };
    return { ...record, probation: back };
  }
  const judged = now.judgedAgents.get(agentId);
  if (judged?.isAnomalous) {
    happened.push(anomalyOf({ agentId }, 'ejection', judged.evidence, now));
    const ejected = probationOf(agentId, now, 0, holdOf(now, times), judged.evidence);
    return { ...record, probation: ejected, times: times + 1 };
  }
  // It works, and too little to say: a while longer.
  if (judged === undefined && now.seen.has(agentId)) {
    return { ...record, probation: { ...probation, until: iso(nowMs + holdOf(now, 0)) } };
  }
  happened.push(anomalyOf({ agentId }, 'cleared', judged?.evidence ?? nothingSeen, now));
  return { ...record, probation: null, forgetAt: nowMs + holdOf(now, holdFactorMax) };
}

const nothingSeen: Evidence = { samples: 0, observed: 0, usual: 0, deviations: 0, measure: 'latency' };

function typeSteps(before: readonly TypeRecord[], now: Circumstances, happened: Anomaly[]): TypeRecord[] {
  const known = new Map(before.map((record) => [record.type, record]));
  for (const [type, { isAnomalous, evidence }] of now.judgedTypes) {
    if (known.get(type)?.demotion || !isAnomalous) continue;
    const record = known.get(type) ?? { type, demotion: null, times: 0, quietUntil: 0, forgetAt: 0 };
    if (record.quietUntil > now.nowMs) continue;
    known.set(type, demoted(record, 'performance', now, evidence));
    happened.push(anomalyOf({ type }, 'demotion', evidence, now));
  }
  return [...known.values()].flatMap((record) => typeStep(record, now, happened) ?? []);
}

function typeStep(record: TypeRecord, now: Circumstances, happened: Anomaly[]): TypeRecord | undefined {
  const { type, demotion } = record;
  const { nowMs } = now;
  if (demotion === null) return nowMs < Math.max(record.forgetAt, record.quietUntil) ? record : undefined;
  if (nowMs < Date.parse(demotion.until)) return record;
  const judged = now.judgedTypes.get(type);
  if (judged?.isAnomalous) {
    happened.push(anomalyOf({ type }, 'demotion', judged.evidence, now));
    return demoted(record, 'foundation', now, judged.evidence);
  }
  const evidence: Evidence = judged?.evidence ?? { ...nothingSeen, measure: 'duration' };
  happened.push(anomalyOf({ type }, 'cleared', evidence, now));
  return { ...record, demotion: null, forgetAt: nowMs + holdOf(now, holdFactorMax) };
}

function demoted(
  record: TypeRecord,
  maxLayer: Demotion['maxLayer'],
  now: Circumstances,
  evidence: Evidence,
): TypeRecord {
  const { nowMs } = now;
  const demotion: Demotion = {
    ...{ type: record.type, maxLayer, reason: reasonOf(evidence) },
    since: iso(nowMs),
    until: iso(nowMs + holdOf(now, record.times)),
  };
  return { ...record, demotion, times: record.times + 1 };
}

function probationOf(
  agentId: Probation['agentId'],
  { nowMs }: Circumstances,
  share: number,
  heldMs: number,
  evidence: Evidence,
): Probation {
  const reason = reasonOf(evidence);
  return { agentId, share, reason, since: iso(nowMs), until: iso(nowMs + heldMs) };
}

function reasonOf({ measure, observed, usual, deviations, samples }: Evidence): string {
  const unit = measure === 'success' ? '' : ' ms';
  const figures = `${observed.toFixed(2)}${unit} where ${usual.toFixed(2)}${unit} is usual`;
  return `${measure} ${figures}: ${deviations.toFixed(1)} deviations off, by ${samples} samples`;
}

function anomalyOf(
  of: Pick<Anomaly, 'agentId' | 'type'>,
  response: Anomaly['response'],
  evidence: Evidence,
  { nowMs }: Pick<Circumstances, 'nowMs'>,
): Anomaly {
  return { kind: of.type === undefined ? 'agent' : 'goal_class', ...of, response, evidence, at: iso(nowMs) };
}

/** Holds nothing against it any more, and nothing for a while; undefined when nothing was held. */
export function dismiss(
  before: WatchState,
  of: Pick<Anomaly, 'agentId' | 'type'>,
  { nowMs, quietMs }: { readonly nowMs: number; readonly quietMs: number },
): Response | undefined {
  const agent = before.agents.find(({ agentId, probation }) => agentId === of.agentId && probation !== null);
  const type = before.types.find((record) => record.type === of.type && record.demotion !== null);
  if (agent === undefined && type === undefined) return undefined;
  const clean = { times: 0, quietUntil: nowMs + quietMs, forgetAt: 0 };
  const evidence: Evidence = agent ? nothingSeen : { ...nothingSeen, measure: 'duration' };
  const dismissed = anomalyOf(of, 'dismissed', evidence, { nowMs });
  return {
    happened: [dismissed],
    state: {
      agents: before.agents.map((record) =>
        record === agent ? { ...agent, ...clean, probation: null } : record,
      ),
      types: before.types.map((record) => (record === type ? { ...type, ...clean, demotion: null } : record)),
      recent: [dismissed, ...before.recent].slice(0, Math.min(recentMax, limits.listLimitMax)),
    },
  };
}

/*
 * An agent is anomalous when it has become much slower, or fails much more, than is usual for itself, and the others have not:
 * who has always been slow is slow and not anomalous, and when all become slower the cause is not one of them.
 */
import { medianOf } from '@nexus/core/learning';
import { robustSpread } from './deviation.js';
import { type Held, type HoldingChange, nextHolding, type Verdict } from './holding.js';

/** A piece of work, as a coordinator measured it. */
export interface AgentSample {
  readonly agentId: string;
  /** What it took, as log(1 + milliseconds), less what is usual with as much in flight. */
  readonly residualLog: number;
  readonly latencyMs: number;
  readonly ok: boolean;
  readonly atMs: number;
}

/** What is usual for an agent. */
export interface UsualAgent {
  readonly residualLog: number;
  readonly latencyMs: number;
  readonly failureShare: number;
  readonly judgedAtMs: number;
}

/** What the watch remembers, as JSON. */
export interface AgentWatchState {
  readonly usual: Readonly<Record<string, UsualAgent>>;
  readonly held: Readonly<Record<string, Held>>;
  /** Nothing is held against these until then, in milliseconds since 1970. */
  readonly quiet: Readonly<Record<string, number>>;
}

export const blankAgentWatch: AgentWatchState = { usual: {}, held: {}, quiet: {} };

export interface AgentWatchOptions {
  readonly nowMs: number;
  /** Samples are recent for so long. */
  readonly windowMs: number;
  /** An agent with fewer recent samples is not judged. */
  readonly samplesMin: number;
  /** Robust standard deviations from what the others do, beyond which one is anomalous. */
  readonly deviations: number;
  readonly holdMs: number;
  /** Agents there are; those that did nothing of late count as well. */
  readonly agents: number;
}

/** Something that was seen of an agent, and what follows. */
export interface AgentFinding {
  readonly agentId: string;
  readonly change: HoldingChange;
  readonly held: Held | undefined;
  readonly evidence: {
    readonly measure: 'latency' | 'success';
    readonly samples: number;
    readonly observed: number;
    readonly usual: number;
    readonly deviations: number;
  };
}

/** Agents of which is remembered what is usual; beyond, those that were not judged for longest are forgotten. */
const usualMax = 1_000;
/** Of all agents so many may be held at once: the rest has to carry their work. */
const heldShareMax = 0.2;
/** In a fleet of so few nobody can be told from the others. */
const agentsMin = 3;
/** How much of a difference becomes usual by one judgement. */
const usualWeight = 0.1;
/** Twice as slow as usual, or this much more failures, is the least that counts. */
const slowerLog = Math.LN2;
const failureShareMore = 0.2;
/** Agents that differ by less are alike. */
const sigmaLogMin = 0.1;
const sigmaShareMin = 0.03;

interface Recent {
  readonly agentId: string;
  readonly samples: number;
  readonly residualLog: number;
  readonly latencyMs: number;
  readonly failureShare: number;
}

/** Looks at the recent work of all agents. */
export function watchAgents(
  state: AgentWatchState,
  samples: readonly AgentSample[],
  options: AgentWatchOptions,
): { readonly state: AgentWatchState; readonly findings: readonly AgentFinding[] } {
  const { nowMs } = options;
  const quiet = pick(state.quiet, (untilMs) => untilMs > nowMs);
  const recent = recentOf(state, samples, options);
  const usual = new Map(Object.entries(state.usual));
  const held = new Map(Object.entries(state.held));
  const findings: AgentFinding[] = [];
  const judged = judge(state, recent, options);
  const known = new Set([...recent.map(({ agentId }) => agentId), ...held.keys()]);
  const size = Math.max(known.size, options.agents);
  const heldMax = known.size < agentsMin ? 0 : Math.max(1, Math.floor(heldShareMax * size));
  for (const agentId of known) {
    const one = judged.get(agentId);
    const before = held.get(agentId);
    const isSpared = agentId in quiet || (before === undefined && held.size >= heldMax);
    const verdict: Verdict = one === undefined ? 'unknown' : isSpared ? 'usual' : one.verdict;
    const { held: after, change } = nextHolding(before, verdict, nowMs, options);
    if (after) held.set(agentId, after);
    else held.delete(agentId);
    if (change)
      findings.push({ agentId, change, held: after, evidence: evidenceOf(one, usual.get(agentId)) });
    if (one && (change === 'rebased' || (!after && one.verdict !== 'anomalous'))) {
      const from = change === 'rebased' ? undefined : usual.get(agentId);
      usual.set(agentId, adapted(from, one.recent, nowMs));
    }
  }
  return { state: { usual: latest(usual), held: Object.fromEntries(held), quiet }, findings };
}

/** Nothing is held against an agent any more, and nothing will be for a while. */
export function dismissAgent(state: AgentWatchState, agentId: string, quietUntilMs: number): AgentWatchState {
  return {
    usual: state.usual,
    held: pick(state.held, (_, id) => id !== agentId),
    quiet: { ...state.quiet, [agentId]: quietUntilMs },
  };
}

interface Judged {
  readonly recent: Recent;
  readonly verdict: Verdict;
  readonly measure: 'latency' | 'success';
  readonly deviations: number;
}

/** The recent samples by agent; of one that is held only those since then. */
function recentOf(
  { held }: AgentWatchState,
  samples: readonly AgentSample[],
  { nowMs, windowMs, samplesMin }: AgentWatchOptions,
): Recent[] {
  const byAgent = new Map<string, AgentSample[]>();
  for (const sample of samples) {
    const fromMs = Math.max(nowMs - windowMs, held[sample.agentId]?.sinceMs ?? 0);
    if (sample.atMs < fromMs) continue;
    const known = byAgent.get(sample.agentId);
    if (known) known.push(sample);
    else byAgent.set(sample.agentId, [sample]);
  }
  return [...byAgent]
    .filter(([, own]) => own.length >= samplesMin)
    .map(([agentId, own]) => ({
      agentId,
      samples: own.length,
      residualLog: medianOf(own.map(({ residualLog }) => residualLog)),
      latencyMs: medianOf(own.map(({ latencyMs }) => latencyMs)),
      failureShare: own.filter(({ ok }) => !ok).length / own.length,
    }));
}

/** What has changed of each agent, beside what has changed of all. Of a newcomer nothing is usual yet. */
function judge(
  { usual }: AgentWatchState,
  recent: readonly Recent[],
  { deviations }: AgentWatchOptions,
): Map<string, Judged> {
  const changes = recent.map((one) => {
    const own = usual[one.agentId];
    return {
      slower: own ? one.residualLog - own.residualLog : 0,
      failing: own ? one.failureShare - own.failureShare : 0,
    };
  });
  const slowness = robustSpread(
    changes.map(({ slower }) => slower),
    sigmaLogMin,
  );
  const failing = robustSpread(
    changes.map((change) => change.failing),
    sigmaShareMin,
  );
  return new Map(
    recent.map((one, at) => {
      const change = changes[at]!;
      const slowerBy = (change.slower - slowness.median) / slowness.sigma;
      const failingBy = (change.failing - failing.median) / failing.sigma;
      const isSlow = slowerBy > deviations && change.slower > slowerLog;
      const isFailing = failingBy > deviations && change.failing > failureShareMore;
      const byFailure = isFailing && (!isSlow || failingBy > slowerBy);
      return [
        one.agentId,
        {
          recent: one,
          verdict: isSlow || isFailing ? 'anomalous' : 'usual',
          measure: byFailure ? 'success' : 'latency',
          deviations: byFailure ? failingBy : slowerBy,
        },
      ];
    }),
  );
}

function evidenceOf(judged: Judged | undefined, usual: UsualAgent | undefined): AgentFinding['evidence'] {
  if (!judged)
    return { measure: 'latency', samples: 0, observed: 0, usual: usual?.latencyMs ?? 0, deviations: 0 };
  const { recent, measure, deviations } = judged;
  const isLatency = measure === 'latency';
  return {
    ...{ measure, samples: recent.samples, deviations },
    observed: isLatency ? recent.latencyMs : 1 - recent.failureShare,
    usual: isLatency ? (usual?.latencyMs ?? recent.latencyMs) : 1 - (usual?.failureShare ?? 0),
  };
}

function adapted(before: UsualAgent | undefined, recent: Recent, nowMs: number): UsualAgent {
  const towards = (old: number | undefined, now: number) =>
    old === undefined ? now : old + usualWeight * (now - old);
  return {
    residualLog: towards(before?.residualLog, recent.residualLog),
    latencyMs: towards(before?.latencyMs, recent.latencyMs),
    failureShare: towards(before?.failureShare, recent.failureShare),
    judgedAtMs: nowMs,
  };
}

function latest(usual: ReadonlyMap<string, UsualAgent>): Record<string, UsualAgent> {
  const entries = [...usual];
  if (entries.length > usualMax) entries.sort(([, one], [, other]) => other.judgedAtMs - one.judgedAtMs);
  return Object.fromEntries(entries.slice(0, usualMax));
}

const pick = <V>(from: Readonly<Record<string, V>>, isKept: (value: V, key: string) => boolean) =>
  Object.fromEntries(Object.entries(from).filter(([key, value]) => isKept(value, key)));

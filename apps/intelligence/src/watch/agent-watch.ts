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
  /** What tells that: a version of the model, or `none`. Alike in all samples of one look. */
  readonly against: string;
  readonly latencyMs: number;
  readonly ok: boolean;
  readonly atMs: number;
}

/** What is usual for an agent. */
export interface UsualAgent {
  readonly residualLog: number;
  /** What `residualLog` is measured against. */
  readonly against: string;
  readonly latencyMs: number;
  readonly failureShare: number;
  readonly judgedAtMs: number;
}

/** What the watch remembers, by agent. Maps, for agents may be called `constructor`. */
export interface AgentWatchState {
  readonly usual: ReadonlyMap<string, UsualAgent>;
  readonly held: ReadonlyMap<string, Held>;
  /** Nothing is held against these until then, in milliseconds since 1970. */
  readonly quiet: ReadonlyMap<string, number>;
}

export const blankAgentWatch: AgentWatchState = { usual: new Map(), held: new Map(), quiet: new Map() };

export interface AgentWatchOptions {
  readonly nowMs: number;
  /** Samples are recent for so long. */
  readonly windowMs: number;
  /** Of an agent that has fewer recent samples, older ones count as well, for so long. */
  readonly keptMs: number;
  /** An agent with fewer samples even so is not judged. */
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
/** Of the agents that did work of late so many may be held at once: the rest has to carry their work. */
const heldShareMax = 0.2;
/** In a fleet of so few nobody can be told from the others. */
const agentsMin = 3;
/** How much of a difference becomes usual by one judgement. */
const usualWeight = 0.1;
/** Twice as slow as usual, or this much more failures, is the least that counts. */
const slowerTimes = 2;
const slowerLog = Math.log(slowerTimes);
const failureShareMore = 0.2;
/** Agents that differ by less are alike. */
const sigmaLogMin = 0.1;
const sigmaShareMin = 0.03;

interface Recent {
  readonly agentId: string;
  readonly samples: number;
  readonly residualLog: number;
  readonly against: string;
  readonly latencyMs: number;
  readonly failureShare: number;
}

/** Looks at the recent work of all agents. */
export function watchAgents(
  state: AgentWatchState,
  samples: readonly AgentSample[],
  options: AgentWatchOptions,
): {
  readonly state: AgentWatchState;
  readonly findings: readonly AgentFinding[];
  /** Agents of which too little was seen. */
  readonly unjudged: number;
} {
  const { nowMs } = options;
  const quiet = new Map([...state.quiet].filter(([, untilMs]) => untilMs > nowMs));
  const recent = recentOf(state, samples, options);
  const usual = new Map(state.usual);
  const held = new Map(state.held);
  const findings: AgentFinding[] = [];
  const judged = judge(state, recent, options);
  const known = new Set([...judged.keys(), ...held.keys()]);
  // A fifth of those that did work of late is never more than one of all.
  const heldMax = known.size < agentsMin ? 0 : Math.max(1, Math.floor(heldShareMax * known.size));
  for (const agentId of known) {
    const one = judged.get(agentId);
    const before = held.get(agentId);
    const verdict: Verdict = one === undefined ? 'unknown' : quiet.has(agentId) ? 'usual' : one.verdict;
    // One for whom there is no room is not learned as usual either: it waits.
    const hasRoom = before !== undefined || held.size < heldMax;
    const { held: after, change } = nextHolding(before, hasRoom ? verdict : 'usual', nowMs, options);
    if (after) held.set(agentId, after);
    else held.delete(agentId);
    if (change)
      findings.push({ agentId, change, held: after, evidence: evidenceOf(one, usual.get(agentId)) });
    if (one && (change === 'rebased' || (!after && verdict !== 'anomalous'))) {
      const from = change === 'rebased' ? undefined : one.usual;
      usual.set(agentId, adapted(from, one.recent, nowMs));
    }
  }
  const unjudged = Math.max(0, Math.max(known.size, options.agents) - judged.size);
  return { state: { usual: latest(usual), held, quiet }, findings, unjudged };
}

/** Nothing is held against an agent any more, and nothing will be for a while. */
export function dismissAgent(
  { usual, held, quiet }: AgentWatchState,
  agentId: string,
  quietUntilMs: number,
): AgentWatchState {
  return {
    usual,
    held: new Map([...held].filter(([id]) => id !== agentId)),
    quiet: new Map([...quiet, [agentId, quietUntilMs]]),
  };
}

interface Judged {
  readonly recent: Recent;
  readonly usual: UsualAgent | undefined;
  readonly verdict: Verdict;
  readonly measure: 'latency' | 'success';
  readonly deviations: number;
}

/** The recent samples by agent; of one that is held only those since then. */
function recentOf(
  { held }: AgentWatchState,
  samples: readonly AgentSample[],
  { nowMs, windowMs, keptMs, samplesMin }: AgentWatchOptions,
): Recent[] {
  const byAgent = new Map<string, AgentSample[]>();
  for (const sample of samples) {
    const fromMs = Math.max(nowMs - Math.max(windowMs, keptMs), held.get(sample.agentId)?.sinceMs ?? 0);
    if (sample.atMs < fromMs) continue;
    const known = byAgent.get(sample.agentId);
    if (known) known.push(sample);
    else byAgent.set(sample.agentId, [sample]);
  }
  return [...byAgent].flatMap(([agentId, all]) => {
    const own = all.filter(({ atMs }) => atMs >= nowMs - windowMs);
    const enough = own.length < samplesMin ? latestOf(all, samplesMin) : own;
    return enough.length < samplesMin ? [] : [summaryOf(agentId, enough)];
  });
}

const latestOf = (samples: readonly AgentSample[], count: number) =>
  [...samples].sort((one, other) => other.atMs - one.atMs).slice(0, count);

const summaryOf = (agentId: string, samples: readonly AgentSample[]): Recent => ({
  agentId,
  samples: samples.length,
  residualLog: medianOf(samples.map(({ residualLog }) => residualLog)),
  against: samples[0]!.against,
  latencyMs: medianOf(samples.map(({ latencyMs }) => latencyMs)),
  failureShare: samples.filter(({ ok }) => !ok).length / samples.length,
});

/**
 * What was usual, measured as now. A residual against another model says nothing beside this one: by how much longer the work
 * takes than it did is the best there is. Models change every few minutes, and who is slow must not be taken for usual by it.
 */
function usualAs(usual: UsualAgent | undefined, recent: Recent): UsualAgent | undefined {
  if (usual === undefined || usual.against === recent.against) return usual;
  const slowerLog = Math.log1p(recent.latencyMs) - Math.log1p(usual.latencyMs);
  return { ...usual, against: recent.against, residualLog: recent.residualLog - slowerLog };
}

/** What has changed of each agent, beside what has changed of all. Of a newcomer nothing is usual yet. */
function judge(
  state: AgentWatchState,
  recent: readonly Recent[],
  { deviations }: AgentWatchOptions,
): Map<string, Judged> {
  const changes = recent.map((one) => {
    const usual = usualAs(state.usual.get(one.agentId), one);
    return {
      ...{ one, usual },
      slower: usual ? one.residualLog - usual.residualLog : 0,
      failing: usual ? one.failureShare - usual.failureShare : 0,
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
    changes.map(({ one, usual, ...change }) => {
      const slowerBy = (change.slower - slowness.median) / slowness.sigma;
      const failingBy = (change.failing - failing.median) / failing.sigma;
      // By the clock too, and not only beside what a model says.
      const isSlower =
        change.slower > slowerLog && usual !== undefined && one.latencyMs > slowerTimes * usual.latencyMs;
      const isSlow = slowerBy > deviations && isSlower;
      const isFailing = failingBy > deviations && change.failing > failureShareMore;
      const byFailure = isFailing && (!isSlow || failingBy > slowerBy);
      return [
        one.agentId,
        {
          ...{ recent: one, usual },
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
    against: recent.against,
    latencyMs: towards(before?.latencyMs, recent.latencyMs),
    failureShare: towards(before?.failureShare, recent.failureShare),
    judgedAtMs: nowMs,
  };
}

function latest(usual: ReadonlyMap<string, UsualAgent>): ReadonlyMap<string, UsualAgent> {
  if (usual.size <= usualMax) return usual;
  const entries = [...usual].sort(([, one], [, other]) => other.judgedAtMs - one.judgedAtMs);
  return new Map(entries.slice(0, usualMax));
}

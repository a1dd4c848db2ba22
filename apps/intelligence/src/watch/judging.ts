import { type Anomaly } from '@nexus/contracts';
import { medianOf, RobustScale } from '@nexus/core/learning';

export type Evidence = Anomaly['evidence'];

export interface Bounds {
  /** Samples that are needed to judge. */
  readonly samplesMin: number;
  /** Robust standard deviations that are too many. */
  readonly deviations: number;
}

/** How an agent did of late. */
export interface AgentFigures {
  readonly samples: number;
  /** Median of the logarithm of what its work took, less what was predicted of it. */
  readonly residual: number;
  readonly medianMs: number;
  readonly successShare: number;
}

export interface Judgement {
  readonly isAnomalous: boolean;
  readonly evidence: Evidence;
}

/** What is off by less is no anomaly, however equal the others are: in logarithms, and of success. */
const sigmaMin = 0.05;
/** Fewer are nobody to compare with. */
const agentsMin = 4;
/** A latency, or a share of failures, that is not so many times that of the others does no harm that matters. */
const factorMin = 2;
const successDropMin = 0.2;

/** Compares agents with each other; those with too few samples are in no judgement. */
export function judgeAgents(
  figures: ReadonlyMap<string, AgentFigures>,
  { samplesMin, deviations }: Bounds,
): ReadonlyMap<string, Judgement> {
  const judged = [...figures].filter(([, { samples }]) => samples >= samplesMin);
  const judgements = new Map<string, Judgement>();
  if (judged.length < agentsMin) return judgements;
  const all = judged.map(([, agent]) => agent);
  const latency = scaleOf(all.map(({ residual }) => residual));
  const success = scaleOf(all.map(({ successShare }) => successShare));
  const usualMs = medianOf(all.map(({ medianMs }) => medianMs));
  for (const [agentId, agent] of judged) {
    const slower = (agent.residual - latency.median) / Math.max(sigmaMin, latency.sigma);
    const worse = (success.median - agent.successShare) / Math.max(sigmaMin, success.sigma);
    const fails = worse > deviations && success.median - agent.successShare > successDropMin;
    const { samples } = agent;
    judgements.set(agentId, {
      isAnomalous: fails || (slower > deviations && agent.medianMs > factorMin * usualMs),
      evidence: fails
        ? evidenceOf('success', samples, [agent.successShare, success.median, -worse])
        : evidenceOf('latency', samples, [agent.medianMs, usualMs, slower]),
    });
  }
  return judgements;
}

/** Outcomes of a type, as logarithms of durations less what was predicted, and successes. */
export interface TypeFigures {
  readonly residuals: readonly number[];
  readonly durationsMs: readonly number[];
  readonly successes: readonly number[];
}

/** Compares what is recent with what was before; undefined when there is too little of either. */
export function judgeType(
  recent: TypeFigures,
  before: TypeFigures,
  { samplesMin, deviations }: Bounds,
): Judgement | undefined {
  const samples = recent.residuals.length;
  if (samples < samplesMin || before.residuals.length < samplesMin) return undefined;
  const usual = scaleOf(before.residuals);
  const slower = (medianOf(recent.residuals) - usual.median) / Math.max(sigmaMin, usual.sigma);
  const [nowMs, usualMs] = [medianOf(recent.durationsMs), medianOf(before.durationsMs)];
  const [now, then] = [meanOf(recent.successes), meanOf(before.successes)];
  // Of a share, by its own spread: as if each success were all or nothing.
  const spread = Math.sqrt(Math.max(0.01, then * (1 - then)) / samples);
  const worse = (then - now) / spread;
  const fails = worse > deviations && then - now > successDropMin;
  return {
    isAnomalous: fails || (slower > deviations && nowMs > factorMin * usualMs),
    evidence: fails
      ? evidenceOf('success', samples, [now, then, -worse])
      : evidenceOf('duration', samples, [nowMs, usualMs, slower]),
  };
}

function scaleOf(values: readonly number[]): RobustScale {
  const scale = new RobustScale(Math.max(3, values.length));
  for (const value of values) scale.add(value);
  return scale;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const evidenceOf = (
  measure: Evidence['measure'],
  samples: number,
  [observed, usual, deviations]: readonly [number, number, number],
): Evidence => ({ measure, samples, observed, usual, deviations });

import { type Estimate, StrategyModel } from '@nexus/core/learning';
import { isLater } from '../history/told-outcome.js';
import { below, learned, type Trial } from './trial.js';

/** A version that is, or was, in use. */
export interface KnownTree {
  readonly version: number;
  /** Null: it chooses what the layer below does. */
  readonly tree: unknown;
  readonly fittedTo: string;
  readonly promotedAt: string;
}

/**
 * `promote`: what was trained takes over. `keep`: it does not. `retire`: what is in use does harm, and is taken back: to the
 * version `to`, or to what was trained, which then chooses nothing.
 */
export type Verdict =
  | { readonly kind: 'promote' | 'keep'; readonly reason: string }
  | { readonly kind: 'retire'; readonly to: number | undefined; readonly reason: string };

/** What the verdict depends on besides the outcomes. */
export interface Judgement {
  /** What is gained by less is not worth a change, in utility. */
  readonly margin: number;
  readonly champion: KnownTree | undefined;
  /** Versions that were in use before, the latest first. */
  readonly former: readonly KnownTree[];
  /** What was learned was learned after a drift, which it was seen by; empty where there was none. */
  readonly drift: string;
  /** When another version was put in use by hand, as an id; empty for never. */
  readonly rolledBackAt: string;
}

/** Outcomes since a promotion that can bear the judgement that it does harm. */
const regressionSamplesMin = 50;

/**
 * Standard errors that a gain, and harm, must be clear by. It is looked at with each training anew: a bound of 95 % would be
 * crossed by chance within hours, and what serves well would be taken back.
 */
const gainErrors = 3;
const harmErrors = 4;

const isAbove = (gain: Estimate | undefined, margin: number): boolean =>
  gain !== undefined && gain.value - gainErrors * gain.standardError > margin;

/** Whether what is learned surely gains, and what was learned last is no exception. */
export function isClearGain(trial: Trial, margin: number): boolean {
  const { model } = trial;
  if (model === undefined || !isAbove(trial.gain(learned, below), margin)) return false;
  const ofLast = trial.gain(model, below);
  return ofLast !== undefined && ofLast.value > margin;
}

/** What becomes of what was trained, and of what is in use. */
export function verdictOf(trial: Trial, judgement: Judgement): Verdict {
  const { champion, margin, drift } = judgement;
  const isClear = isClearGain(trial, margin);
  if (champion === undefined) {
    const gain = inWords(trial.gain(learned, below));
    return isClear
      ? { kind: 'promote', reason: `better than the layer below by ${gain}` }
      : { kind: 'promote', reason: `nothing is better than the layer below (${gain}): it predicts only` };
  }
  const inUse = StrategyModel.restore(champion.tree);
  const since = sincePromoted(trial, judgement);
  const harm = inUse && harmOf(inUse, since, margin);
  if (isClear) {
    const over = fairly(trial, judgement).gain(learned, inUse ?? below);
    if (isAbove(over, margin)) {
      return { kind: 'promote', reason: `better than version ${champion.version} by ${inWords(over)}` };
    }
    if ((drift !== '' || harm !== undefined) && over !== undefined && over.value > 0) {
      const why = harm === undefined ? 'what is usual has changed' : 'it did harm';
      return { kind: 'promote', reason: `in the place of version ${champion.version}: ${why}` };
    }
  }
  if (harm !== undefined) return retreat(since, judgement, harm);
  return { kind: 'keep', reason: `not surely better than version ${champion.version}` };
}

const later = (one: string, other: string): string => (isLater(one, other) ? one : other);

/** On what neither was fitted to, where there is enough of it; else the one in use is flattered, and stays more easily. */
function fairly(trial: Trial, { champion, rolledBackAt }: Judgement): Trial {
  const fair = trial.since(later(champion?.fittedTo ?? '', rolledBackAt));
  return fair.size >= regressionSamplesMin ? fair : trial;
}

/** By what came since it was put in use, by whomever. */
const sincePromoted = (trial: Trial, { champion, rolledBackAt }: Judgement): Trial =>
  trial.since(later(champion?.promotedAt ?? '', rolledBackAt));

/** How much less the one in use brought since it was put in use than the layer below would have; undefined: none. */
function harmOf(inUse: StrategyModel, since: Trial, margin: number): Estimate | undefined {
  if (since.size < regressionSamplesMin) return undefined;
  const gain = since.gain(inUse, below);
  return gain !== undefined && gain.value + harmErrors * gain.standardError < -margin ? gain : undefined;
}

/** To the latest of the former versions that does no harm, or to none. */
function retreat(since: Trial, { former, margin }: Judgement, harm: Estimate): Verdict {
  const better = former.find(({ tree }) => {
    const earlier = StrategyModel.restore(tree);
    const gain = earlier && since.gain(earlier, below);
    return gain !== undefined && gain.low > -margin;
  });
  return {
    kind: 'retire',
    to: better?.version,
    reason: `since it was promoted it has brought ${inWords(harm)}`,
  };
}

const inWords = (gain: Estimate | undefined): string =>
  gain === undefined
    ? 'too few were tried to say'
    : `${gain.value.toFixed(3)} (${gain.low.toFixed(3)} to ${gain.high.toFixed(3)}) of utility`;

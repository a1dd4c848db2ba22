/*
 * How far off will the next prediction be? As far as the last ones were: of the errors on samples that were not learnt from,
 * the part that is claimed lies between two of them. Nothing is assumed but that the next sample is like those, in whatever
 * order; no error needs to be normal, nor as likely above as below.
 */
import { assert } from '@nexus/core/invariant';
import { isAdmissible } from '../numbers/admissible.js';
import { type Insufficient } from '../samples/insufficient.js';

/** What to add to a prediction, in its unit: the truth lies from `low` to `high` in so many of the cases. */
export interface PredictionInterval {
  readonly kind: 'interval';
  readonly low: number;
  readonly high: number;
  readonly coverage: number;
  /** Errors that it is from. */
  readonly samples: number;
}

/**
 * The interval of errors that covers the next one with at least that probability: split conformal prediction, at either
 * end half of what is not covered, with the correction for a finite number of errors (V. Vovk and others, 2005).
 * @param residuals actual less predicted, of samples that were held out; what is not admissible is left out
 * @param coverage above 0 and below 1
 * @returns insufficient when so few errors cannot bear the claim: 95 % takes 39
 */
export function conformalInterval(
  residuals: ArrayLike<number>,
  coverage: number,
): PredictionInterval | Insufficient {
  assert(coverage > 0 && coverage < 1, 'a coverage lies between 0 and 1');
  const sorted = Float64Array.from(residuals).filter(isAdmissible).sort();
  const samples = sorted.length;
  const tail = (1 - coverage) / 2;
  // 2 / 0.05 is a hair above 40, and 39 are enough.
  const need = Math.max(1, Math.ceil(1 / tail - 1 - 1e-9));
  if (samples < need) return { kind: 'insufficient', have: samples, need };
  const rank = Math.max(1, Math.floor((samples + 1) * tail + 1e-9));
  return { kind: 'interval', low: sorted[rank - 1]!, high: sorted[samples - rank]!, coverage, samples };
}

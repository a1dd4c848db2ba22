/*
 * A model that was right goes wrong when the world changes, and its errors show it first. Two things are watched. A single
 * error far beyond what is usual is an outlier: it says something of that sample. Errors that lean to one side, or have
 * become wider, say something of the model: it drifts, and is to be learnt again.
 */
import { clipped, isAdmissible } from '../numbers/admissible.js';
import { PageHinkley, type Drift, type PageHinkleyOptions } from './page-hinkley.js';
import { RobustScale } from './robust-scale.js';

export interface ResidualWatchOptions extends PageHinkleyOptions {
  /** Errors that say what is usual. Default 256. */
  readonly window?: number;
  /** Errors after the start, and after each drift, from which the measure is taken; none of them is a drift. Default 128. */
  readonly warmUp?: number;
  /** Robust deviations beyond which an error is an outlier. Default 5. */
  readonly outlierSigmas?: number;
}

export interface ResidualVerdict {
  /** Robust deviations from the median of the latest errors; 0 while fewer than 20 are known, or it is not admissible. */
  readonly z: number;
  /** True as well for what is not admissible. */
  readonly isOutlier: boolean;
  /** `up` and `down`: errors lean that way; `wider`: they have become greater on both sides. */
  readonly drift: Drift | 'wider';
}

/** Errors before the measure says anything. */
const judgedMin = 20;
/** An error counts as no more, whether towards a drift or against it. */
const sigmasMax = 4;

export class ResidualWatch {
  private readonly usual: RobustScale;
  private readonly leaning: PageHinkley;
  private readonly widening: PageHinkley;
  private readonly warmUp: number;
  private readonly outlierSigmas: number;
  private sinceStart = 0;
  /** Middle and width as they were after the last start: what changes is told in what was usual then. */
  private base = { median: 0, sigma: 1 };

  constructor({ window = 256, warmUp = 128, outlierSigmas = 5, ...options }: ResidualWatchOptions = {}) {
    this.usual = new RobustScale(window);
    this.leaning = new PageHinkley(options);
    this.widening = new PageHinkley(options);
    this.warmUp = Math.min(warmUp, window);
    this.outlierSigmas = outlierSigmas;
  }

  /** @param residual actual less predicted */
  add(residual: number): ResidualVerdict {
    if (!isAdmissible(residual)) return { z: 0, isOutlier: true, drift: 'none' };
    const z = this.usual.size < judgedMin ? 0 : (residual - this.usual.median) / this.usual.sigma;
    this.usual.add(residual);
    const drift = this.driftOf(residual);
    if (drift !== 'none') this.reset();
    return { z, isOutlier: Math.abs(z) > this.outlierSigmas, drift };
  }

  /** Forgets what was usual, as after a new model took over. */
  reset(): void {
    this.sinceStart = 0;
    this.usual.clear();
    this.leaning.reset();
    this.widening.reset();
  }

  private driftOf(residual: number): ResidualVerdict['drift'] {
    this.sinceStart += 1;
    if (this.sinceStart < this.warmUp) return 'none';
    if (this.sinceStart === this.warmUp) {
      this.base = { median: this.usual.median, sigma: this.usual.sigma };
      return 'none';
    }
    const z = clipped((residual - this.base.median) / this.base.sigma, sigmasMax);
    const leaning = this.leaning.add(z);
    const widening = this.widening.add(Math.abs(z));
    if (leaning !== 'none') return leaning;
    return widening === 'up' ? 'wider' : 'none';
  }
}

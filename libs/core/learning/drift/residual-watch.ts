/*
 * A model that was right goes wrong when the world changes, and its errors show it first. Two things are watched. A single
 * error far beyond what is usual is an outlier: it says something of that sample. Errors that lean to one side, or have
 * become wider, say something of the model: it drifts, and is to be learnt again.
 */
import { clipped, isAdmissible } from '../numbers/admissible.js';
import { medianOf } from '../numbers/quantiles.js';
import { PageHinkley, type Drift, type PageHinkleyOptions } from './page-hinkley.js';
import { RankScores } from './rank-scores.js';
import { RobustScale } from './robust-scale.js';

export interface ResidualWatchOptions extends PageHinkleyOptions {
  /** Errors that say what is usual. Default 256. */
  readonly window?: number;
  /** Errors after the start, and after each drift, that say what was usual; none of them is a drift. Default 256. */
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
/** Deviations that an error counts as at most, whether towards a drift or against it. */
const scoreMax = 4;

export class ResidualWatch {
  private readonly usual: RobustScale;
  private readonly leaning: PageHinkley;
  private readonly widening: PageHinkley;
  private readonly warmUp: number;
  private readonly outlierSigmas: number;
  /** The first errors after the last start, until there are enough to tell what was usual then. */
  private first: number[] = [];
  private base: Base | undefined;

  constructor({ window = 256, warmUp = 256, outlierSigmas = 5, ...options }: ResidualWatchOptions = {}) {
    this.usual = new RobustScale(window);
    this.leaning = new PageHinkley(options);
    this.widening = new PageHinkley(options);
    this.warmUp = warmUp;
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
    this.first = [];
    this.base = undefined;
    this.usual.clear();
    this.leaning.reset();
    this.widening.reset();
  }

  private driftOf(residual: number): ResidualVerdict['drift'] {
    if (this.base === undefined) {
      this.first.push(residual);
      if (this.first.length >= this.warmUp) this.base = baseOf(Float64Array.from(this.first));
      return 'none';
    }
    const { median, residuals, distances } = this.base;
    const leaning = this.leaning.add(clipped(residuals.of(residual), scoreMax));
    const widening = this.widening.add(clipped(distances.of(Math.abs(residual - median)), scoreMax));
    if (leaning !== 'none') return leaning;
    return widening === 'up' ? 'wider' : 'none';
  }
}

/** What was usual after the last start: what changes is told in ranks among it. */
interface Base {
  readonly median: number;
  readonly residuals: RankScores;
  /** Of distances from the median. */
  readonly distances: RankScores;
}

function baseOf(usual: Float64Array): Base {
  const median = medianOf(usual);
  const distances = usual.map((residual) => Math.abs(residual - median));
  return { median, residuals: new RankScores(usual), distances: new RankScores(distances) };
}

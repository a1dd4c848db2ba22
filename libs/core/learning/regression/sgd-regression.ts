/*
 * A line through what was seen, moved a little by each new sample, so that it follows when the world changes. Three things
 * keep it whole where plain gradient descent runs away within some hundred samples: features and target are told in
 * standard deviations, the step is divided by the length of the sample, and an error counts no more than about twice as
 * much as is usual. So whoever reports nonsense moves it as far as an honest surprise does.
 */
import { assert } from '@nexus/core/invariant';
import { areAdmissible, clipped, isAdmissible, magnitudeMax } from '../numbers/admissible.js';
import { fieldsOf, figuresOf, isFigure, isWhole } from '../snapshots/reading.js';
import { Standardiser, type StandardiserSnapshot } from '../standardising/standardiser.js';

export interface SgdOptions {
  /** The step once it has settled, above 0 and below 1. Greater follows faster and trembles more. Default 0.01. */
  readonly learningRate?: number;
}

/** As JSON. */
export interface SgdSnapshot {
  readonly format: 'sgd/1';
  readonly learningRate: number;
  readonly weights: readonly number[];
  readonly bias: number;
  readonly usualError: number;
  readonly formerError: number;
  /** Samples since it began to learn fast, the last time. */
  readonly age: number;
  readonly features: StandardiserSnapshot;
  readonly target: StandardiserSnapshot;
}

const format = 'sgd/1';
/** The step with which it begins. */
const learningRateMax = 0.5;
/** Errors beyond so many times the usual one, the median, count as that: 1.35 standard deviations (Huber). */
const usualErrorsMax = 2;
/** By how much the usual error is moved, up or down, by each error: it is then the median of them. */
const usualErrorStep = 0.02;
/** The same for what errors were before: it follows about twenty times as slowly. */
const formerErrorStep = 0.001;
/** When errors are so many times what they were, the world has changed, and it learns faster again for a while. */
const alarmRatio = 2;
/** The step with which it begins again; smaller than the first one, since there is something to lose. */
const learningRateAgain = 0.2;
const usualErrorMin = 1e-9;
const usualErrorMax = 10;
/** In deviations; no sound weight is near it. */
const weightMax = 1e6;
/** Samples after which the oldest fade from means and deviations. */
const memory = 2_000;

export class SgdRegression {
  private readonly weights: Float64Array;
  private readonly scratch: Float64Array;
  private readonly formerMeans: Float64Array;
  private readonly single = new Float64Array(1);
  private readonly learningRate: number;
  private features: Standardiser;
  private target = new Standardiser(1, memory);
  private bias = 0;
  /** The median of the latest errors, in deviations, and that of the time before. */
  private usualError = 1;
  private formerError = 1;
  private age = 0;

  /** @param width features a sample */
  constructor(
    readonly width: number,
    { learningRate = 0.01 }: SgdOptions = {},
  ) {
    assert(learningRate > 0 && learningRate < 1, 'a learning rate lies between 0 and 1');
    this.learningRate = learningRate;
    this.features = new Standardiser(width, memory);
    this.weights = new Float64Array(width);
    this.scratch = new Float64Array(width);
    this.formerMeans = new Float64Array(width);
  }

  /** Samples that were learnt from. */
  get samples(): number {
    return this.features.count;
  }

  /** False, and nothing is learnt, when a number is not admissible or there are more or fewer than `width` features. */
  update(features: ArrayLike<number>, target: number): boolean {
    if (!isAdmissible(target) || !areAdmissible(features, this.width)) return false;
    this.observeFeatures(features);
    this.observeTarget(target);
    this.features.standardise(features, this.scratch);
    this.step(this.target.standardisedAt(0, target));
    return true;
  }

  /** In the unit of the target, at most 1e12 in magnitude. NaN when features are not admissible, or nothing was learnt. */
  predict(features: ArrayLike<number>): number {
    if (this.samples === 0 || !areAdmissible(features, this.width)) return NaN;
    let standardised = this.bias;
    for (let at = 0; at < this.width; at++) {
      standardised += this.weights[at]! * this.features.standardisedAt(at, features[at]!);
    }
    return clipped(this.target.meanAt(0) + standardised * this.target.deviationAt(0), magnitudeMax);
  }

  snapshot(): SgdSnapshot {
    return {
      format,
      learningRate: this.learningRate,
      weights: [...this.weights],
      bias: this.bias,
      usualError: this.usualError,
      formerError: this.formerError,
      age: this.age,
      features: this.features.snapshot(),
      target: this.target.snapshot(),
    };
  }

  /** Undefined when `snapshot` is none of a regression of that width. */
  static restore(snapshot: unknown, width: number): SgdRegression | undefined {
    const fields = fieldsOf(snapshot);
    if (fields?.['format'] !== format) return undefined;
    const weights = figuresOf(fields['weights'], width, weightMax);
    const features = Standardiser.restore(fields['features'], width, memory);
    const target = Standardiser.restore(fields['target'], 1, memory);
    const scalars = scalarsOf(fields);
    if (weights === undefined || features === undefined || scalars === undefined) return undefined;
    if (target?.count !== features.count) return undefined;
    const restored = new SgdRegression(width, { learningRate: scalars.learningRate });
    restored.weights.set(weights);
    restored.features = features;
    restored.target = target;
    restored.bias = scalars.bias;
    restored.usualError = scalars.usualError;
    restored.formerError = scalars.formerError;
    restored.age = scalars.age;
    return restored;
  }

  /*
   * Means and deviations move with every sample. What is predicted must not move with them, else each of their steps would
   * be an error to unlearn: so weights and bias are told anew whenever the measures change.
   */
  private observeFeatures(sample: ArrayLike<number>): void {
    const { features, weights, scratch, formerMeans } = this;
    for (let at = 0; at < this.width; at++) {
      formerMeans[at] = features.meanAt(at);
      scratch[at] = features.deviationAt(at);
    }
    features.observe(sample);
    for (let at = 0; at < this.width; at++) {
      const former = scratch[at]!;
      // A feature that was constant had no say.
      if (former === 0) continue;
      const weight = weights[at]!;
      const moved = (features.meanAt(at) - formerMeans[at]!) / former;
      this.bias = clipped(this.bias + weight * moved, weightMax);
      weights[at] = clipped((weight * features.deviationAt(at)) / former, weightMax);
    }
  }

  private observeTarget(value: number): void {
    const { target, single, weights } = this;
    const formerMean = target.meanAt(0);
    const former = target.deviationAt(0);
    single[0] = value;
    target.observe(single);
    const deviation = target.deviationAt(0);
    if (former === 0 || deviation === 0) return;
    const ratio = former / deviation;
    this.bias = clipped(this.bias * ratio + (formerMean - target.meanAt(0)) / deviation, weightMax);
    for (let at = 0; at < this.width; at++) weights[at] = clipped(weights[at]! * ratio, weightMax);
    this.usualError = withinBounds(this.usualError * ratio);
    this.formerError = withinBounds(this.formerError * ratio);
  }

  /** One step towards a target in deviations, for the sample in `scratch`. */
  private step(target: number): void {
    const { weights, scratch, width } = this;
    let prediction = this.bias;
    let length = 1;
    for (let at = 0; at < width; at++) {
      const feature = scratch[at]!;
      prediction += weights[at]! * feature;
      length += feature * feature;
    }
    const error = target - prediction;
    const errorMax = usualErrorsMax * this.usualError;
    const step = (this.rate() * clipped(error, errorMax)) / length;
    for (let at = 0; at < width; at++) {
      weights[at] = clipped(weights[at]! + step * scratch[at]!, weightMax);
    }
    this.bias = clipped(this.bias + step, weightMax);
    this.noteError(Math.abs(error));
  }

  /** Great at first and then falling as one over the samples, which is how a mean is learnt; never below what was set. */
  private rate(): number {
    const unknowns = this.width + 1;
    return Math.max(this.learningRate, Math.min(learningRateMax, (2 * unknowns) / (this.age + unknowns)));
  }

  private noteError(error: number): void {
    this.age += 1;
    this.usualError = towards(this.usualError, error, usualErrorStep);
    this.formerError = towards(this.formerError, error, formerErrorStep);
    // While it still learns fast, errors fall and say nothing of the world.
    if (this.rate() > this.learningRate) this.formerError = this.usualError;
    else if (this.usualError > alarmRatio * this.formerError) {
      this.formerError = this.usualError;
      this.age = Math.ceil(((2 - learningRateAgain) * (this.width + 1)) / learningRateAgain);
    }
  }
}

/** Up as often as down when `median` is the median of the errors. */
const towards = (median: number, error: number, step: number) =>
  withinBounds(median * (error > median ? 1 + step : 1 / (1 + step)));

const withinBounds = (median: number) => Math.min(usualErrorMax, Math.max(usualErrorMin, median));

const isMedian = (value: unknown): value is number =>
  isFigure(value) && value >= usualErrorMin && value <= usualErrorMax;

function scalarsOf(fields: Readonly<Record<string, unknown>>) {
  const { learningRate, bias, usualError, formerError, age } = fields;
  if (!isFigure(learningRate) || learningRate <= 0 || learningRate >= 1) return undefined;
  if (!isFigure(bias) || Math.abs(bias) > weightMax) return undefined;
  if (!isMedian(usualError) || !isMedian(formerError)) return undefined;
  if (!isWhole(age, 0, Number.MAX_SAFE_INTEGER)) return undefined;
  return { learningRate, bias, usualError, formerError, age };
}

/*
 * A tree asks of a sample one feature after the other until it knows what to answer. It is grown from the root: of all
 * questions "is this feature at most that much?" the one is taken that parts the samples into the two most even halves, and
 * each half goes on by itself. Values are put into at most 64 bins once, at the start; from then on a question costs the
 * bins and not the samples, and of two halves only the smaller is counted, the other being what is left. Where the best bin
 * ends, the few samples next to it are looked at one by one, so that the threshold is as exact as without bins.
 */
import { assert } from '@nexus/core/invariant';
import { isAdmissible } from '../numbers/admissible.js';
import { type Samples } from '../samples/samples.js';
import { binsMaxOf, binned, type Bins } from './bins.js';
import { refinedThreshold, scoreOf } from './refining.js';
import { Tree } from './tree.js';

export interface TreeOptions {
  /** Questions from the root to a leaf at most, 0 to 16. Default 5. */
  readonly depthMax?: number;
  /** Samples below which there is no further question. Default 10. */
  readonly splitMin?: number;
  /** Samples in a leaf at least. Default 5. */
  readonly leafMin?: number;
  /** Bins a feature, 2 to 256: how finely it is looked for the best question. Default 64. */
  readonly binsMax?: number;
  /**
   * What a question must explain to be more than chance, as multiples of what is left unexplained a sample in its node.
   * The best question on mere noise explains about 2 ln(features × bins) of it at most. 0 takes any. Default 8.
   */
  readonly evidenceMin?: number;
}

type Settings = Required<TreeOptions>;

/** A gain this small, as a share of what there is to explain, is rounding. */
const gainShareMin = 1e-9;

/** Defaults filled in. */
export function treeSettingsOf(options: TreeOptions): Settings {
  const settings = { depthMax: 5, splitMin: 10, leafMin: 5, binsMax: 64, evidenceMin: 8, ...options };
  assert(Number.isInteger(settings.depthMax) && settings.depthMax >= 0, 'a depth is a whole number');
  assert(settings.depthMax <= 16, 'nobody reads a tree of more than 16 questions');
  assert(settings.leafMin >= 1 && settings.splitMin >= 2, 'a leaf has a sample, and two are parted at least');
  assert(settings.evidenceMin >= 0, 'evidence is not below none');
  assert(settings.binsMax >= 2 && settings.binsMax <= binsMaxOf, 'a feature has 2 to 256 bins');
  return settings;
}

/**
 * Grows a tree whose leaves predict several channels at once. The best question is the one with the greatest sum over the
 * channels of (sum of the channel)² ÷ samples, left and right: with one channel a class it is Gini's, with real channels the
 * least variance (L. Breiman and others, 1984). Rows with a target that is not admissible are left out.
 * @param targets `samples.size * channels`, row by row
 */
export function growTree(
  samples: Samples,
  targets: Float64Array,
  channels: number,
  options: TreeOptions = {},
): Tree {
  assert(channels >= 1 && targets.length === samples.size * channels, 'each sample has its targets');
  const rows = usableRows(targets, samples.size, channels);
  return new Growth(samples, { targets, channels, rows }, treeSettingsOf(options)).grow();
}

function usableRows(targets: Float64Array, size: number, channels: number): Int32Array {
  const usable: number[] = [];
  for (let row = 0; row < size; row++) {
    let isUsable = true;
    for (let at = 0; at < channels; at++) isUsable &&= isAdmissible(targets[row * channels + at]);
    if (isUsable) usable.push(row);
  }
  return Int32Array.from(usable);
}

interface Question {
  readonly feature: number;
  /** What is at most this goes left. */
  readonly threshold: number;
}

/** The best so far, as bins tell it: the last bin that goes left. */
interface BestBin {
  feature: number;
  bin: number;
  score: number;
}

/** The samples of a node: `rows[from]` up to but without `rows[to]`. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

class Growth {
  private readonly channels: number;
  private readonly rows: Int32Array;
  private readonly moved: Int32Array;
  private readonly targets: Float64Array;
  /** The targets less their mean: squares of small sums keep their digits. */
  private readonly centred: Float64Array;
  private readonly bins: Bins;
  /** Of a histogram: for each feature and bin the sums of the channels, then the count. */
  private readonly cell: number;
  private readonly histogramSize: number;
  private readonly spare: Float64Array[] = [];
  private readonly nodes = {
    features: [] as number[],
    thresholds: [] as number[],
    left: [] as number[],
    right: [] as number[],
    counts: [] as number[],
    means: [] as number[],
  };
  private readonly leftSums: Float64Array;
  private readonly allSums: Float64Array;
  private gainMin = 0;

  constructor(
    private readonly samples: Samples,
    given: { readonly targets: Float64Array; readonly channels: number; readonly rows: Int32Array },
    private readonly settings: Settings,
  ) {
    this.channels = given.channels;
    this.targets = given.targets;
    this.rows = given.rows;
    this.moved = new Int32Array(this.rows.length);
    this.cell = this.channels + 1;
    this.bins = binned(samples, this.rows, settings.binsMax);
    this.histogramSize = samples.width * settings.binsMax * this.cell;
    this.leftSums = new Float64Array(this.channels);
    this.allSums = new Float64Array(this.channels);
    this.centred = this.centre();
  }

  grow(): Tree {
    const root = { from: 0, to: this.rows.length, depth: 0 };
    const histogram = this.mayPart(root) ? this.counted(root) : undefined;
    this.growNode(root, histogram);
    return new Tree({
      width: this.samples.width,
      channels: this.channels,
      features: Int32Array.from(this.nodes.features),
      thresholds: Float64Array.from(this.nodes.thresholds),
      left: Int32Array.from(this.nodes.left),
      right: Int32Array.from(this.nodes.right),
      counts: Int32Array.from(this.nodes.counts),
      means: Float64Array.from(this.nodes.means),
    });
  }

  /** Adds the node and all below it; gives the histogram back to the spare ones. Returns the number of the node. */
  private growNode(span: Span, histogram: Float64Array | undefined): number {
    const node = this.addNode(span);
    if (histogram === undefined) return node;
    const question = this.bestQuestion(span, histogram);
    if (question === undefined) {
      this.spare.push(histogram);
      return node;
    }
    const middle = this.part(span, question);
    const left = { from: span.from, to: middle, depth: span.depth + 1 };
    const right = { from: middle, to: span.to, depth: span.depth + 1 };
    const [ofLeft, ofRight] = this.shared(left, right, histogram);
    this.nodes.features[node] = question.feature;
    this.nodes.thresholds[node] = question.threshold;
    this.nodes.left[node] = this.growNode(left, ofLeft);
    this.nodes.right[node] = this.growNode(right, ofRight);
    return node;
  }

  private addNode({ from, to }: Span): number {
    const { channels, rows, targets, nodes } = this;
    const node = nodes.features.length;
    nodes.features.push(-1);
    nodes.thresholds.push(0);
    nodes.left.push(0);
    nodes.right.push(0);
    nodes.counts.push(to - from);
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let at = from; at < to; at++) sum += targets[rows[at]! * channels + channel]!;
      nodes.means.push(to === from ? 0 : sum / (to - from));
    }
    return node;
  }

  private mayPart({ from, to, depth }: Span): boolean {
    const { depthMax, splitMin, leafMin } = this.settings;
    return depth < depthMax && to - from >= Math.max(splitMin, 2 * leafMin);
  }

  /** The histograms of both halves, of those that may be parted further; the whole is used up. */
  private shared(left: Span, right: Span, whole: Float64Array): (Float64Array | undefined)[] {
    const isLeftSmaller = left.to - left.from <= right.to - right.from;
    const [small, great] = isLeftSmaller ? [left, right] : [right, left];
    if (!this.mayPart(great)) {
      this.spare.push(whole);
      return [undefined, undefined];
    }
    const ofSmall = this.counted(small);
    for (let at = 0; at < whole.length; at++) whole[at]! -= ofSmall[at]!;
    if (this.mayPart(small)) return isLeftSmaller ? [ofSmall, whole] : [whole, ofSmall];
    this.spare.push(ofSmall);
    return isLeftSmaller ? [undefined, whole] : [whole, undefined];
  }

  private counted({ from, to }: Span): Float64Array {
    const histogram = this.spare.pop()?.fill(0) ?? new Float64Array(this.histogramSize);
    const { channels, cell, rows, centred } = this;
    for (let feature = 0; feature < this.samples.width; feature++) {
      const indexes = this.bins.indexes[feature]!;
      const offset = feature * this.settings.binsMax;
      for (let at = from; at < to; at++) {
        const row = rows[at]!;
        const start = (offset + indexes[row]!) * cell;
        for (let channel = 0; channel < channels; channel++) {
          histogram[start + channel]! += centred[row * channels + channel]!;
        }
        histogram[start + channels]! += 1;
      }
    }
    return histogram;
  }

  /** The first of the best, in the order of features and then of thresholds; undefined when none gains anything. */
  private bestQuestion(span: Span, histogram: Float64Array): Question | undefined {
    const { from, to } = span;
    const count = to - from;
    this.sumOfFirst(histogram);
    let whole = 0;
    for (const sum of this.allSums) whole += (sum * sum) / count;
    const unexplained = Math.max(0, this.squaresOf(from, to) - whole);
    const gainMin = Math.max(this.gainMin, (this.settings.evidenceMin * unexplained) / count);
    const best: BestBin = { feature: -1, bin: 0, score: whole + gainMin };
    for (let feature = 0; feature < this.samples.width; feature++) {
      this.tryFeature(feature, count, histogram, best);
    }
    if (best.feature === -1) return undefined;
    return { feature: best.feature, threshold: this.thresholdOf(span, best, histogram) };
  }

  private thresholdOf(span: Span, { feature, bin }: BestBin, histogram: Float64Array): number {
    const threshold = this.bins.thresholds[feature]![bin]!;
    if (!this.bins.areCoarse[feature]) return threshold;
    const { leftSums, channels, cell, samples } = this;
    leftSums.fill(0);
    let leftCount = 0;
    const start = feature * this.settings.binsMax;
    for (let at = start; at < start + bin; at++) {
      for (let channel = 0; channel < channels; channel++)
        leftSums[channel]! += histogram[at * cell + channel]!;
      leftCount += histogram[at * cell + channels]!;
    }
    const indexes = this.bins.indexes[feature]!;
    const within = this.rows.subarray(span.from, span.to);
    // In a node deep down the neighbour may be empty: the next bin that holds a sample is what bounds the gap.
    let next = bin + 1;
    while (histogram[(start + next) * cell + channels] === 0) next += 1;
    const refined = refinedThreshold(
      {
        rows: within.filter((row) => indexes[row]! >= bin && indexes[row]! <= next),
        valueOf: (row) => samples.values[row * samples.width + feature]!,
        targets: this.centred,
        channels,
      },
      {
        leftSums,
        leftCount,
        allSums: this.allSums,
        allCount: span.to - span.from,
        leafMin: this.settings.leafMin,
      },
    );
    return refined ?? threshold;
  }

  private squaresOf(from: number, to: number): number {
    const { channels, rows, centred } = this;
    let squares = 0;
    for (let at = from; at < to; at++) {
      const start = rows[at]! * channels;
      for (let channel = 0; channel < channels; channel++) squares += centred[start + channel]! ** 2;
    }
    return squares;
  }

  private tryFeature(feature: number, count: number, histogram: Float64Array, best: BestBin): void {
    const { leftSums, allSums, channels, cell } = this;
    const { leafMin, binsMax } = this.settings;
    const last = this.bins.thresholds[feature]!.length;
    let leftCount = 0;
    leftSums.fill(0);
    for (let bin = 0; bin < last; bin++) {
      const start = (feature * binsMax + bin) * cell;
      const inBin = histogram[start + channels]!;
      if (inBin === 0) continue;
      leftCount += inBin;
      for (let channel = 0; channel < channels; channel++) leftSums[channel]! += histogram[start + channel]!;
      if (leftCount < leafMin) continue;
      const rightCount = count - leftCount;
      if (rightCount < leafMin) return;
      const score = scoreOf(leftSums, leftCount, allSums, count);
      if (score > best.score) Object.assign(best, { feature, bin, score });
    }
  }

  /** Every sample is in one bin of the first feature, so the sums over them are the sums over all. */
  private sumOfFirst(histogram: Float64Array): void {
    this.allSums.fill(0);
    for (let bin = 0; bin < this.settings.binsMax; bin++) {
      for (let channel = 0; channel < this.channels; channel++) {
        this.allSums[channel]! += histogram[bin * this.cell + channel]!;
      }
    }
  }

  /** Brings those that go left to the front, all in their order; returns where the others begin. */
  private part({ from, to }: Span, { feature, threshold }: Question): number {
    const { rows, moved } = this;
    const { values, width } = this.samples;
    let left = from;
    let right = 0;
    for (let at = from; at < to; at++) {
      const row = rows[at]!;
      if (values[row * width + feature]! <= threshold) rows[left++] = row;
      else moved[right++] = row;
    }
    rows.set(moved.subarray(0, right), left);
    return left;
  }

  private centre(): Float64Array {
    const { channels, rows } = this;
    const centred = this.targets.slice();
    let squares = 0;
    for (let channel = 0; channel < channels; channel++) {
      let mean = 0;
      for (const [at, row] of rows.entries()) mean += (centred[row * channels + channel]! - mean) / (at + 1);
      for (const row of rows) {
        const value = centred[row * channels + channel]! - mean;
        centred[row * channels + channel] = value;
        squares += value * value;
      }
    }
    this.gainMin = gainShareMin * squares;
    return centred;
  }
}

import { assert } from '@nexus/core/invariant';
import { estimateOf, wilsonInterval, type Estimate } from '../numbers/estimate.js';
import { type Insufficient } from '../samples/insufficient.js';
import { type Samples } from '../samples/samples.js';
import { fieldsOf, namesOf } from '../snapshots/reading.js';
import { growTree, type TreeOptions } from './growing.js';
import { describePath, Tree, type PathStep, type TreeSnapshot } from './tree.js';

export interface ClassifierOptions extends TreeOptions {
  /** What the features are called in reasons; `feature 0`, … without. */
  readonly featureNames?: readonly string[];
  /** Samples that are needed to grow one at all. Default 10. */
  readonly samplesMin?: number;
}

export interface Classification {
  /** The most frequent class of the leaf; of equals, the first in the list of classes. */
  readonly label: string;
  /** The share of that class in the leaf. */
  readonly probability: number;
  /** The shares of all classes, in their order. */
  readonly probabilities: readonly number[];
  /** Samples that the leaf was grown from. */
  readonly samples: number;
  readonly path: readonly PathStep[];
  /** In words: `agents <= 120 and latencyMs > 35 → hierarchical (84 %, 212 samples)`. */
  readonly reasoning: string;
}

/** A classifier as JSON. */
export interface ClassifierSnapshot {
  readonly format: 'classifier/1';
  readonly classes: readonly string[];
  readonly featureNames: readonly string[];
  readonly tree: TreeSnapshot;
}

const format = 'classifier/1';
const classesMax = 1_024;

/**
 * Grows a tree that tells classes apart.
 * @param labels of each sample the place of its class in `classes`; a sample with any other number is left out
 */
export function growClassifier(
  samples: Samples,
  labels: ArrayLike<number>,
  classes: readonly string[],
  { featureNames, samplesMin = 10, ...options }: ClassifierOptions = {},
): { readonly kind: 'grown'; readonly tree: DecisionTree } | Insufficient {
  assert(labels.length === samples.size, 'there is one label a sample');
  assert(namesOf(classes, classesMax) !== undefined, 'classes have distinct names');
  const channels = classes.length;
  const targets = new Float64Array(samples.size * channels);
  let have = 0;
  for (let row = 0; row < samples.size; row++) {
    const label = labels[row]!;
    if (Number.isInteger(label) && label >= 0 && label < channels) {
      targets[row * channels + label] = 1;
      have += 1;
    } else targets[row * channels] = NaN;
  }
  if (have < Math.max(1, samplesMin)) return { kind: 'insufficient', have, need: Math.max(1, samplesMin) };
  const names = featureNames ?? Array.from({ length: samples.width }, (_, at) => `feature ${at}`);
  assert(namesOf(names, samples.width)?.length === samples.width, 'each feature has a name of its own');
  const tree = growTree(samples, targets, channels, options);
  const simplified = tree.simplified((node) => tree.greatestAt(node));
  return { kind: 'grown', tree: new DecisionTree(simplified, classes, names) };
}

/** Tells the class of a sample, and why. */
export class DecisionTree {
  /** What each leaf answers; leaves that were not asked yet are missing. */
  private readonly answers: (Classification | undefined)[] = [];

  constructor(
    private readonly tree: Tree,
    readonly classes: readonly string[],
    readonly featureNames: readonly string[],
  ) {}

  get width(): number {
    return this.tree.width;
  }

  /** What is missing in the sample, or no number, counts as greater than any threshold. */
  classify(sample: ArrayLike<number>): Classification {
    const leaf = this.tree.leafOf(sample);
    return (this.answers[leaf] ??= this.answerOf(leaf));
  }

  /** The place of the class in `classes`. Nothing is allocated. */
  labelOf(sample: ArrayLike<number>): number {
    return this.tree.greatestAt(this.tree.leafOf(sample));
  }

  /** The share of samples that it tells right, with Wilson's 95 % interval; an honest figure only for unseen ones. */
  confidenceOn(samples: Samples, labels: ArrayLike<number>): Estimate {
    assert(labels.length === samples.size, 'there is one label a sample');
    let right = 0;
    for (let row = 0; row < samples.size; row++) {
      if (this.tree.greatestAt(this.tree.leafOfRow(samples.values, row * samples.width)) === labels[row])
        right += 1;
    }
    const { size } = samples;
    const share = size === 0 ? 0 : right / size;
    const error = size === 0 ? 0 : Math.sqrt((share * (1 - share)) / size);
    return { ...estimateOf(share, error, size), ...wilsonInterval(right, size) };
  }

  snapshot(): ClassifierSnapshot {
    return {
      format,
      classes: [...this.classes],
      featureNames: [...this.featureNames],
      tree: this.tree.snapshot(),
    };
  }

  /** Undefined when `snapshot` is no classifier. */
  static restore(snapshot: unknown): DecisionTree | undefined {
    const fields = fieldsOf(snapshot);
    if (fields?.['format'] !== format) return undefined;
    const tree = Tree.restore(fields['tree']);
    const classes = namesOf(fields['classes'], classesMax);
    const names = namesOf(fields['featureNames'], 4_096);
    if (classes?.length !== tree?.channels || names?.length !== tree?.width) return undefined;
    if (tree === undefined || classes === undefined || names === undefined) return undefined;
    const areShares = [...classes.keys()].every((channel) =>
      tree.leaves().every((leaf) => tree.meanAt(leaf, channel) >= 0 && tree.meanAt(leaf, channel) <= 1),
    );
    return areShares ? new DecisionTree(tree, classes, names) : undefined;
  }

  private answerOf(leaf: number): Classification {
    const best = this.tree.greatestAt(leaf);
    const label = this.classes[best]!;
    const probability = this.tree.meanAt(leaf, best);
    const samples = this.tree.countAt(leaf);
    const path = this.tree.pathOf(leaf);
    const words = describePath(path, this.featureNames);
    return {
      label,
      probability,
      probabilities: this.classes.map((_, at) => this.tree.meanAt(leaf, at)),
      samples,
      path,
      reasoning: `${words} → ${label} (${Math.round(probability * 100)} %, ${samples} samples)`,
    };
  }
}

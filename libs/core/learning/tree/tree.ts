import { assert } from '@nexus/core/invariant';
import { fieldsOf, figuresOf, isWhole, wholesOf } from '../snapshots/reading.js';

/** A tree in flat arrays, a place a node; the root is node 0, and children have greater numbers than their parent. */
export interface TreeNodes {
  /** Features of a sample. */
  readonly width: number;
  /** Numbers that a leaf predicts. */
  readonly channels: number;
  /** The feature that is asked for; -1 in a leaf. */
  readonly features: Int32Array;
  /** What is at most this goes left. */
  readonly thresholds: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Samples that it was grown from. */
  readonly counts: Int32Array;
  /** `nodes * channels`: the means of the targets. */
  readonly means: Float64Array;
}

/** A tree as JSON: the arrays as lists. */
export interface TreeSnapshot {
  readonly format: 'tree/1';
  readonly width: number;
  readonly channels: number;
  readonly features: readonly number[];
  readonly thresholds: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly counts: readonly number[];
  readonly means: readonly number[];
}

/** All that is asked of one feature on the way to a leaf. */
export interface PathStep {
  readonly feature: number;
  /** The value is at most this; absent when nothing bounds it from above. */
  readonly atMost?: number;
  /** The value is greater than this; absent when nothing bounds it from below. */
  readonly above?: number;
}

const format = 'tree/1';
const nodesMax = 65_535;
const widthMax = 4_096;
const channelsMax = 1_024;
const depthMax = 32;

export class Tree {
  private readonly parents: Int32Array;

  constructor(private readonly nodes: TreeNodes) {
    this.parents = parentsOf(nodes);
  }

  get width(): number {
    return this.nodes.width;
  }

  get channels(): number {
    return this.nodes.channels;
  }

  /** Nodes, leaves among them; leaves are numbered as nodes are. */
  get size(): number {
    return this.nodes.features.length;
  }

  /** The numbers of the leaves, rising. */
  leaves(): number[] {
    return [...this.nodes.features.keys()].filter((node) => this.isLeaf(node));
  }

  isLeaf(node: number): boolean {
    return this.nodes.features[node] === -1;
  }

  /** The leaf of a sample. What is missing or no number goes right, so there is always one. */
  leafOf(sample: ArrayLike<number>): number {
    return this.leafOfRow(sample, 0);
  }

  /** As `leafOf`, of the sample that begins at `from`. */
  leafOfRow(rows: ArrayLike<number>, from: number): number {
    const { features, thresholds, left, right } = this.nodes;
    let node = 0;
    let feature = features[0]!;
    while (feature >= 0) {
      node = rows[from + feature]! <= thresholds[node]! ? left[node]! : right[node]!;
      feature = features[node]!;
    }
    return node;
  }

  /** The mean of a channel over the samples of a node. */
  meanAt(node: number, channel: number): number {
    return this.nodes.means[node * this.nodes.channels + channel]!;
  }

  /** Samples that the node was grown from. */
  countAt(node: number): number {
    return this.nodes.counts[node]!;
  }

  /** What leads to a leaf: one step a feature, however often it is asked for, in the order in which they first are. */
  pathOf(leaf: number): PathStep[] {
    assert(leaf >= 0 && leaf < this.size, 'there is such a leaf');
    const { features, thresholds, left } = this.nodes;
    const way: number[] = [];
    for (let node = leaf; node !== 0; node = this.parents[node]!) way.push(node);
    const steps = new Map<number, PathStep>();
    for (const node of way.reverse()) {
      const parent = this.parents[node]!;
      const feature = features[parent]!;
      const threshold = thresholds[parent]!;
      const step = steps.get(feature) ?? { feature };
      // Further down a bound of the same side is always the tighter one.
      steps.set(
        feature,
        left[parent] === node ? { ...step, atMost: threshold } : { ...step, above: threshold },
      );
    }
    return [...steps.values()];
  }

  /**
   * The same tree without questions whose answer changes nothing: where all leaves below a node say the same, the node
   * becomes a leaf. What it says of a sample stays; why it says so becomes shorter.
   * @param answerOf what a leaf says, for any node
   */
  simplified(answerOf: (node: number) => number): Tree {
    const { features, left, right, channels } = this.nodes;
    const answers = new Int32Array(this.size).fill(-1);
    // Children have greater numbers, so they are known before their parent.
    for (let node = this.size - 1; node >= 0; node--) {
      if (features[node] === -1) answers[node] = answerOf(node);
      else if (answers[left[node]!] === answers[right[node]!]) answers[node] = answers[left[node]!]!;
    }
    const kept: number[] = [];
    const places = new Int32Array(this.size);
    const keep = (node: number): void => {
      places[node] = kept.push(node) - 1;
      if (answers[node] !== -1) return;
      keep(left[node]!);
      keep(right[node]!);
    };
    keep(0);
    const { thresholds, counts, means, width } = this.nodes;
    const isLeaf = (node: number) => answers[node] !== -1;
    return new Tree({
      width,
      channels,
      features: Int32Array.from(kept, (node) => (isLeaf(node) ? -1 : features[node]!)),
      thresholds: Float64Array.from(kept, (node) => (isLeaf(node) ? 0 : thresholds[node]!)),
      left: Int32Array.from(kept, (node) => (isLeaf(node) ? 0 : places[left[node]!]!)),
      right: Int32Array.from(kept, (node) => (isLeaf(node) ? 0 : places[right[node]!]!)),
      counts: Int32Array.from(kept, (node) => counts[node]!),
      means: Float64Array.from(
        kept.flatMap((node) => [...means.subarray(node * channels, (node + 1) * channels)]),
      ),
    });
  }

  /** The channel with the greatest mean; of equals the first. */
  greatestAt(node: number): number {
    let best = 0;
    for (let channel = 1; channel < this.channels; channel++) {
      if (this.meanAt(node, channel) > this.meanAt(node, best)) best = channel;
    }
    return best;
  }

  snapshot(): TreeSnapshot {
    const { width, channels, features, thresholds, left, right, counts, means } = this.nodes;
    return {
      format,
      width,
      channels,
      features: [...features],
      thresholds: [...thresholds],
      left: [...left],
      right: [...right],
      counts: [...counts],
      means: [...means],
    };
  }

  /** Undefined when `snapshot` is no tree: each node must have one parent with a lesser number, so every way ends. */
  static restore(snapshot: unknown): Tree | undefined {
    const fields = fieldsOf(snapshot);
    if (fields?.['format'] !== format || !Array.isArray(fields['features'])) return undefined;
    const { width, channels } = fields;
    const size = fields['features'].length;
    if (!isWhole(width, 1, widthMax) || !isWhole(channels, 1, channelsMax)) return undefined;
    if (!isWhole(size, 1, nodesMax)) return undefined;
    const features = wholesOf(fields['features'], size, { min: -1, max: width - 1 });
    const thresholds = figuresOf(fields['thresholds'], size);
    const left = wholesOf(fields['left'], size, { min: 0, max: size - 1 });
    const right = wholesOf(fields['right'], size, { min: 0, max: size - 1 });
    const counts = wholesOf(fields['counts'], size, { min: 0, max: 2 ** 31 - 1 });
    const means = figuresOf(fields['means'], size * channels);
    if (features === undefined || thresholds === undefined || left === undefined) return undefined;
    if (right === undefined || counts === undefined || means === undefined) return undefined;
    const nodes = { width, channels, features, thresholds, left, right, counts, means };
    return isTree(nodes) ? new Tree(nodes) : undefined;
  }
}

/** The path in words, `agents <= 120 and latencyMs > 35`; `always` when nothing was asked. */
export function describePath(path: readonly PathStep[], names: readonly string[]): string {
  const words = path.flatMap(({ feature, atMost, above }) => {
    const name = names[feature] ?? `feature ${feature}`;
    return [
      ...(atMost === undefined ? [] : [`${name} <= ${readable(atMost)}`]),
      ...(above === undefined ? [] : [`${name} > ${readable(above)}`]),
    ];
  });
  return words.length === 0 ? 'always' : words.join(' and ');
}

const readable = (threshold: number) => String(Number(threshold.toPrecision(6)));

function parentsOf({ features, left, right }: TreeNodes): Int32Array {
  const parents = new Int32Array(features.length).fill(-1);
  for (const [node, feature] of features.entries()) {
    if (feature === -1) continue;
    parents[left[node]!] = node;
    parents[right[node]!] = node;
  }
  return parents;
}

function isTree({ features, left, right }: TreeNodes): boolean {
  const depths = new Int32Array(features.length).fill(-1);
  depths[0] = 0;
  for (const [node, feature] of features.entries()) {
    const depth = depths[node]!;
    // Not reached from the root.
    if (depth === -1) return false;
    if (feature === -1) continue;
    for (const child of [left[node]!, right[node]!]) {
      if (child <= node || depths[child] !== -1 || depth === depthMax) return false;
      depths[child] = depth + 1;
    }
  }
  return true;
}

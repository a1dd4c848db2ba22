import { assert } from '@nexus/core/invariant';
import { normalShareBelow } from '../numbers/normal.js';
import { type Samples } from '../samples/samples.js';
import { fieldsOf, figuresOf, isWhole, wholesOf } from '../snapshots/reading.js';
import { Tree, type PathStep, type TreeSnapshot } from '../tree/tree.js';

/** What is to be done, and how sure that is. */
export interface StrategyChoice {
  readonly action: number;
  /** How much more it brings than each action, in the unit of the rewards; null for those that were hardly ever tried. */
  readonly advantages: readonly (number | null)[];
  /** Samples of the leaf. */
  readonly samples: number;
  /** How likely it is better than each action in this leaf, 0 to 1; null for those that were hardly ever tried. */
  readonly odds: readonly (number | null)[];
  /** That no other action is better in this leaf: of all others the one that comes closest decides. */
  readonly probability: number;
  /** The leaf, for `pathOf`. */
  readonly leaf: number;
}

/** A strategy as JSON. */
export interface StrategySnapshot {
  readonly format: 'strategy/1';
  readonly actionCount: number;
  /** The action of each channel of the tree. */
  readonly candidates: readonly number[];
  readonly tree: TreeSnapshot;
  /** `nodes * candidates`: in leaves the standard error of what the best action brings more than each. */
  readonly errors: readonly number[];
}

const format = 'strategy/1';
const actionsMax = 1_024;

interface StrategyParts {
  readonly actionCount: number;
  readonly candidates: readonly number[];
  readonly tree: Tree;
  readonly errors: Float64Array;
}

/** A tree that says which action is best, by how much, and why. */
export class StrategyModel {
  /** Of each node; undefined for those that are no leaf. */
  private readonly choices: readonly (StrategyChoice | undefined)[];

  constructor(private readonly parts: StrategyParts) {
    const { tree } = parts;
    this.choices = Array.from({ length: tree.size }, (_, node) =>
      tree.isLeaf(node) ? choiceOf(parts, node) : undefined,
    );
  }

  /** Features of a sample. */
  get width(): number {
    return this.parts.tree.width;
  }

  get actionCount(): number {
    return this.parts.actionCount;
  }

  /** What is missing in the sample, or no number, counts as greater than any threshold. Nothing is allocated. */
  choose(sample: ArrayLike<number>): StrategyChoice {
    return this.choices[this.parts.tree.leafOf(sample)]!;
  }

  /** The action for each sample. */
  actionsFor(samples: Samples): Int32Array {
    assert(samples.width === this.width, 'the samples have the features that it knows');
    const { values, width } = samples;
    return Int32Array.from(
      { length: samples.size },
      (_, at) => this.choices[this.parts.tree.leafOfRow(values, at * width)]!.action,
    );
  }

  /** All leaves, as choices. */
  leaves(): StrategyChoice[] {
    return this.choices.filter((choice) => choice !== undefined);
  }

  /** What leads to a leaf; in words with `describePath`. */
  pathOf(leaf: number): PathStep[] {
    return this.parts.tree.pathOf(leaf);
  }

  snapshot(): StrategySnapshot {
    const { actionCount, candidates, tree, errors } = this.parts;
    return {
      format,
      actionCount,
      candidates: [...candidates],
      tree: tree.snapshot(),
      errors: [...errors],
    };
  }

  /** Undefined when `snapshot` is no strategy. */
  static restore(snapshot: unknown): StrategyModel | undefined {
    const fields = fieldsOf(snapshot);
    if (fields?.['format'] !== format) return undefined;
    const { actionCount } = fields;
    const tree = Tree.restore(fields['tree']);
    if (tree === undefined || !isWhole(actionCount, 1, actionsMax)) return undefined;
    const candidates = wholesOf(fields['candidates'], tree.channels, { min: 0, max: actionCount - 1 });
    const errors = figuresOf(fields['errors'], tree.size * tree.channels);
    if (candidates === undefined || new Set(candidates).size !== tree.channels) return undefined;
    if (errors === undefined || errors.some((error) => error < 0)) return undefined;
    return new StrategyModel({ actionCount, candidates: [...candidates], tree, errors });
  }
}

function choiceOf({ actionCount, candidates, tree, errors }: StrategyParts, leaf: number): StrategyChoice {
  const best = tree.greatestAt(leaf);
  const advantages = new Array<number | null>(actionCount).fill(null);
  const odds = new Array<number | null>(actionCount).fill(null);
  let probability = 1;
  for (const [channel, action] of candidates.entries()) {
    const advantage = tree.meanAt(leaf, best) - tree.meanAt(leaf, channel);
    advantages[action] = advantage;
    // As good as itself.
    if (channel === best) {
      odds[action] = 0.5;
      continue;
    }
    const error = errors[leaf * candidates.length + channel]!;
    // Where nothing varied, nothing is known but what was seen.
    const z = error > 0 ? advantage / error : advantage > 0 ? Infinity : 0;
    const odd = z > 8 ? 1 : normalShareBelow(z);
    odds[action] = odd;
    probability = Math.min(probability, odd);
  }
  return { action: candidates[best]!, advantages, odds, samples: tree.countAt(leaf), probability, leaf };
}

/**
 * The standard error, in each leaf, of what its best channel brings more than each of the others.
 * @param advantages `samples * tree.channels`, what the tree was grown from
 */
export function errorsOf(tree: Tree, samples: Samples, advantages: Float64Array): Float64Array {
  const { channels } = tree;
  const errors = new Float64Array(tree.size * channels);
  const best = Int32Array.from({ length: tree.size }, (_, node) => tree.greatestAt(node));
  for (let at = 0; at < samples.size; at++) {
    const leaf = tree.leafOfRow(samples.values, at * samples.width);
    const ofBest = advantages[at * channels + best[leaf]!]! - tree.meanAt(leaf, best[leaf]!);
    for (let channel = 0; channel < channels; channel++) {
      const ofOther = advantages[at * channels + channel]! - tree.meanAt(leaf, channel);
      errors[leaf * channels + channel]! += (ofBest - ofOther) ** 2;
    }
  }
  for (const leaf of tree.leaves()) {
    const count = tree.countAt(leaf);
    for (let channel = 0; channel < channels; channel++) {
      const place = leaf * channels + channel;
      errors[place] = count > 1 ? Math.sqrt(errors[place]! / (count - 1) / count) : 0;
    }
  }
  return errors;
}

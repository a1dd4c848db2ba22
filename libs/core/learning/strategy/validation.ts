/*
 * Is a strategy better than what is done today? That is told by decisions that it was not learnt from, and honestly only by
 * later ones. A single later part is small, and most of its decisions say little: what is not usual was seldom tried. So the
 * decisions are gone through in blocks. Before each block a strategy is learnt from what came before, and the block judges
 * what it would have chosen; all blocks together judge the way of learning, and the last strategy is its latest result.
 * Sources: A. Dawid, "Statistical Theory: The Prequential Approach", JRSS A 147 (1984); A. Blum, A. Kalai, J. Langford,
 * "Beating the Hold-Out: Bounds for K-fold and Progressive Cross-Validation", COLT 1999.
 */
import { assert } from '@nexus/core/invariant';
import { advantageOf, valueOf } from '../bandit/off-policy.js';
import { type Estimate } from '../numbers/estimate.js';
import { withinShares } from '../samples/choosing.js';
import { fitStrategy, type StrategyInput, type StrategyOptions, usableDecisions } from './fitting.js';
import { type Decisions, pickDecisions } from './outcome-models.js';
import { heldOutScores } from './scores.js';
import { type StrategyModel } from './strategy-model.js';

export interface ValidationInput extends StrategyInput {
  /** What is done without a strategy, and by a strategy that could not be learnt yet. */
  readonly baseline: number;
  /** Likelihoods below count as this where is judged. Default 0.01. */
  readonly propensityMin?: number;
  /** Decisions that a strategy is learnt from at most, the latest. Default 1,000. */
  readonly learntMax?: number;
  /** Decisions that judge at most, the latest. Default 1,000. */
  readonly judgedMax?: number;
  /** Of each decision whom it counts for; by default all count for the same. */
  readonly sources?: readonly string[];
  /** Share of what is learnt from, and of what judges, that one source may have where there are several. Default 0.2. */
  readonly shareMax?: number;
}

/** What chooses: a strategy, what had been learnt until then, or always the same action. */
export type Contender = StrategyModel | 'learnt' | number;

/** Of all decisions so many at most judge: the others come before the first block. */
const judgedShareMax = 0.6;
const blocks = 10;
/** Times that what is compared must have been tried among the decisions that judge. */
const trialsMin = 10;

/** Of each judged decision, in the order of time. */
interface Judged {
  readonly decisions: Decisions;
  readonly sources: readonly string[];
  /** `decisions * actionCount`. */
  readonly scores: Float64Array;
  /** What had been learnt until then would have chosen. */
  readonly learnt: Int32Array;
}

/** What was learnt last, and how it is judged. */
interface Learnt {
  readonly model: StrategyModel | undefined;
  readonly learntTo: number;
  readonly learntSize: number;
  readonly actionCount: number;
  readonly shareMax: number;
}

/** How contenders compare on decisions that came after those they were learnt from. */
export class ProgressiveValidation {
  private constructor(
    private readonly judged: Judged,
    private readonly learnt: Learnt,
  ) {}

  /** Learns a strategy for each block; the same decisions give the same. */
  static run(input: ValidationInput): ProgressiveValidation {
    const { actionCount, learntMax = 1_000, judgedMax = 1_000, shareMax = 0.2 } = input;
    assert(learntMax >= 1 && judgedMax >= 1, 'something is learnt, and something judges');
    const all = usableDecisions(input);
    const sources = Array.from(all.rows, (row) => input.sources?.[row] ?? '');
    const { size } = all.samples;
    const judgedSize = Math.min(judgedMax, Math.floor(size * judgedShareMax));
    const from = size - judgedSize;
    const step = Math.max(1, Math.ceil(judgedSize / blocks));
    const chosen = new Int32Array(judgedSize);
    const scores = new Float64Array(judgedSize * actionCount);
    let model: StrategyModel | undefined;
    let [learntTo, learntSize] = [-1, 0];
    for (let start = from; start < size; start += step) {
      const heard = withinShares(sources.slice(0, start), { samples: learntMax, shareMax });
      const earlier = pickDecisions(all, heard);
      const block = pickDecisions(all, range(start, Math.min(size, start + step)));
      model = learntFrom(earlier, input);
      [learntTo, learntSize] = [all.rows[start - 1] ?? -1, heard.length];
      chosen.set(model?.actionsFor(block.samples) ?? filled(block, input.baseline), start - from);
      scores.set(heldOutScores(earlier, block, scoreOptions(input)), (start - from) * actionCount);
    }
    const judged = {
      ...{ decisions: pickDecisions(all, range(from, size)), scores, learnt: chosen },
      sources: sources.slice(from),
    };
    return new ProgressiveValidation(judged, { model, learntTo, learntSize, actionCount, shareMax }).heard();
  }

  /** What was learnt last; undefined where too little was tried. */
  get model(): StrategyModel | undefined {
    return this.learnt.model;
  }

  /** The latest decision before the last block, as a place among those given; -1 for none. */
  get learntTo(): number {
    return this.learnt.learntTo;
  }

  /** Decisions that it was learnt from. */
  get learntSize(): number {
    return this.learnt.learntSize;
  }

  /** Decisions that judge. */
  get size(): number {
    return this.judged.learnt.length;
  }

  /** Judged by some of them alone, within the shares of the sources: by those whose places among the given are told. */
  among(isAmong: (row: number) => boolean): ProgressiveValidation {
    const { rows } = this.judged.decisions;
    return this.pick([...rows.keys()].filter((at) => isAmong(rows[at]!))).heard();
  }

  /** The mean reward, had it chosen. */
  value(contender: Contender): Estimate {
    return valueOf(this.judged.scores, this.learnt.actionCount, this.chosenBy(contender));
  }

  /** How much more one brings than another, decision by decision; undefined where too little was tried to say. */
  gain(contender: Contender, over: Contender): Estimate | undefined {
    const one = this.chosenBy(contender);
    const other = this.chosenBy(over);
    const compared = new Set<number>();
    for (const [at, action] of one.entries()) {
      if (action !== other[at]) compared.add(action).add(other[at]!);
    }
    if ([...compared].some((action) => this.trialsOf(action) < trialsMin)) return undefined;
    const gain = advantageOf(this.judged.scores, this.learnt.actionCount, one, other);
    // Beyond what rewards differ by at all it is an artefact of what was seldom tried.
    return Math.abs(gain.value) <= this.rewardRange() ? gain : undefined;
  }

  private rewardRange(): number {
    const { rewards } = this.judged.decisions;
    let [least, greatest] = [0, 0];
    for (const [at, reward] of rewards.entries()) {
      least = at === 0 ? reward : Math.min(least, reward);
      greatest = at === 0 ? reward : Math.max(greatest, reward);
    }
    return greatest - least + 1e-9 * Math.max(1, Math.abs(least), Math.abs(greatest));
  }

  private heard(): ProgressiveValidation {
    const { sources } = this.judged;
    return this.pick(withinShares(sources, { samples: this.size, shareMax: this.learnt.shareMax }));
  }

  private pick(places: readonly number[]): ProgressiveValidation {
    const { decisions, sources, scores, learnt } = this.judged;
    const { actionCount } = this.learnt;
    const judged = {
      decisions: pickDecisions(decisions, places),
      sources: places.map((at) => sources[at]!),
      scores: Float64Array.from(
        places.flatMap((at) => [...scores.subarray(at * actionCount, (at + 1) * actionCount)]),
      ),
      learnt: Int32Array.from(places, (at) => learnt[at]!),
    };
    return new ProgressiveValidation(judged, this.learnt);
  }

  private trialsOf(action: number): number {
    return this.judged.decisions.actions.reduce((sum, done) => sum + (done === action ? 1 : 0), 0);
  }

  private chosenBy(contender: Contender): Int32Array {
    const { decisions, learnt } = this.judged;
    if (contender === 'learnt') return learnt;
    if (typeof contender === 'number') return new Int32Array(learnt.length).fill(contender);
    assert(contender.actionCount === this.learnt.actionCount, 'all choose among the same actions');
    return contender.actionsFor(decisions.samples);
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);

const filled = ({ rows }: Decisions, action: number) => new Int32Array(rows.length).fill(action);

const scoreOptions = ({ actionCount, propensityMin = 0.01 }: ValidationInput) => ({
  actionCount,
  propensityMin,
});

function learntFrom(decisions: Decisions, options: StrategyOptions): StrategyModel | undefined {
  // Whoever asks knows how many decisions there must be in all; what the first blocks learn from is a part of them.
  const fitted = fitStrategy({ ...options, ...decisions, samplesMin: 4 });
  return fitted.kind === 'fitted' ? fitted.model : undefined;
}

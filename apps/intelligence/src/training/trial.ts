import {
  type Contender,
  type Estimate,
  ProgressiveValidation,
  type StrategyModel,
} from '@nexus/core/learning';
import { isLater } from '../history/told-outcome.js';
import { type TrainingWindow } from './training-window.js';

/** What the layer below does: the first of the choices. */
export const below = 0 satisfies Contender;
/** What is learned from the outcomes until then. */
export const learned = 'learnt' satisfies Contender;

/** Learns to choose from the outcomes of a window, and compares by later ones what that brings, in utility. */
export class Trial {
  private constructor(
    private readonly ids: readonly string[],
    private readonly validation: ProgressiveValidation,
  ) {}

  static of(
    { features: samples, choices, ids, ...window }: TrainingWindow,
    { samples: learntMax, shareMax }: { readonly samples: number; readonly shareMax: number },
  ): Trial {
    const validation = ProgressiveValidation.run({
      ...{ ...window, samples, actionCount: choices.length, baseline: below },
      ...{ learntMax, judgedMax: learntMax, shareMax },
    });
    return new Trial(ids, validation);
  }

  /** What was learned last; undefined where too little was tried. */
  get model(): StrategyModel | undefined {
    return this.validation.model;
  }

  /** Outcomes that it was learned from. */
  get learnedFrom(): number {
    return this.validation.learntSize;
  }

  /** The latest outcome that it was learned from. */
  get learnedTo(): string {
    return this.ids[this.validation.learntTo] ?? '';
  }

  /** Outcomes that judge. */
  get size(): number {
    return this.validation.size;
  }

  /** Judged by the outcomes after one alone. */
  since(id: string): Trial {
    return new Trial(
      this.ids,
      this.validation.among((row) => isLater(this.ids[row]!, id)),
    );
  }

  value(contender: Contender): Estimate {
    return this.validation.value(contender);
  }

  /** How much more one brings than another; undefined where too little was tried to say. */
  gain(contender: Contender, over: Contender): Estimate | undefined {
    return this.validation.gain(contender, over);
  }
}

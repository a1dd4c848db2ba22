import { isDue, type Operation, relaxed } from './history.js';
import { type Model } from './model.js';
import { search } from './search.js';
import { timelineOf } from './timeline.js';

export interface WindowOptions {
  /** The deadline, counted from 0, at which no order was left. */
  readonly position: number;
  /** Configurations of one search, and of all together. */
  readonly visitsMax: { readonly each: number; readonly all: number };
}

/** Finds the operations of an inexplicable history that matter. */
export function failingWindow<Call, Answer, State>(
  model: Model<Call, Answer, State>,
  history: readonly Operation<Call, Answer>[],
  options: WindowOptions,
): Operation<Call, Answer>[] {
  return new Shrinking(model, options).shrink(history);
}

class Shrinking<Call, Answer, State> {
  private visitsLeft: number;

  constructor(
    private readonly model: Model<Call, Answer, State>,
    private readonly options: WindowOptions,
  ) {
    this.visitsLeft = options.visitsMax.all;
  }

  /**
   * An operation is left out when the rest stays inexplicable though it may take effect at any time, or never: it is no
   * way out. So what is left is itself a violation, and minimal unless the searches met their bound. Of the
   * operations left out those are shown all the same without which an answer before the last would look wrong.
   */
  shrink(history: readonly Operation<Call, Answer>[]): Operation<Call, Answer>[] {
    const culprit = timelineOf(history).deadlines[this.options.position]!.due.operation;
    // Nothing that was invoked later can matter.
    const past = history.filter(({ invokedAtMs }) => invokedAtMs <= culprit.outcome!.returnedAtMs);
    const due = past.filter(isDue);
    const needed = this.reduce(due, (kept) => {
      const rest = without(past, kept).map(relaxed);
      return this.culpritOf([...kept, ...rest]) !== undefined;
    });
    const last = this.culpritOf([...needed, ...without(past, needed).map(relaxed)]);
    const context = this.reduce(
      without(past, needed),
      (kept) => this.culpritOf([...needed, ...kept.map(relaxed)]) === last,
    );
    return [...needed, ...context];
  }

  /** Leaves out what can be left out, half of it at once, then a quarter, then less. */
  private reduce(
    operations: readonly Operation<Call, Answer>[],
    suffices: (kept: Operation<Call, Answer>[]) => boolean,
  ): Operation<Call, Answer>[] {
    let kept = [...operations];
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < kept.length && this.visitsLeft > 0;) {
        const fewer = [...kept.slice(0, from), ...kept.slice(from + size)];
        if (suffices(fewer)) kept = fewer;
        else from += size;
      }
    }
    return kept;
  }

  /** The operation that no order lets return; undefined when there is none, or the bound is met. */
  private culpritOf(history: readonly Operation<Call, Answer>[]): Operation<Call, Answer> | undefined {
    const result = search(this.model, history, Math.min(this.visitsLeft, this.options.visitsMax.each));
    this.visitsLeft -= result.visited;
    if (result.kind !== 'unexplained') return undefined;
    return timelineOf(history).deadlines[result.position]!.due.operation;
  }
}

function without<T>(all: readonly T[], some: readonly T[]): T[] {
  const left = new Set(some);
  return all.filter((each) => !left.has(each));
}

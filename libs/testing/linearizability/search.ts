import { type Operation } from './history.js';
import { type Model } from './model.js';
import { type Timeline, timelineOf } from './timeline.js';

/** One order of effects that explains the answers so far, as far as the rest of the search must know it. */
interface Configuration<State> {
  /** The next deadline. */
  readonly position: number;
  readonly state: State;
  /** Operations that took effect and have not returned yet, by their bits. */
  readonly ahead: bigint;
  /** Optional operations that took effect, by their places. */
  readonly used: bigint;
  readonly usedCount: number;
  /** The state before those of them that nothing followed yet. */
  readonly base?: State;
}

export type SearchResult =
  | { readonly kind: 'explained'; readonly visited: number }
  /** No order lets more than `position` operations return. */
  | { readonly kind: 'unexplained'; readonly position: number; readonly visited: number }
  | { readonly kind: 'undecided'; readonly visited: number };

/**
 * Looks for an order of effects, each between its operation's invocation and return, that the model would have answered
 * so: Wing and Gong's search with Lowe's memory of configurations. What is optional must not multiply: it takes effect
 * only where something follows that needs it, orders with fewer of them come first, and what was reached
 * once need not be reached again at the cost of further ones, since what is unused may be used later, or never.
 * @param visitsMax configurations, after which it gives up
 */
export function search<Call, Answer, State>(
  model: Model<Call, Answer, State>,
  history: readonly Operation<Call, Answer>[],
  visitsMax: number,
): SearchResult {
  return new Search(model, timelineOf(history)).run(visitsMax);
}

class Search<Call, Answer, State> {
  private readonly seen = new Map<string, bigint[]>();
  /** Last in, first out; by the number of optional operations used. */
  private readonly waiting: (() => void)[][] = [];
  private visited = 0;
  private furthest = 0;
  private explained = false;

  constructor(
    private readonly model: Model<Call, Answer, State>,
    private readonly timeline: Timeline<Call, Answer>,
  ) {}

  run(visitsMax: number): SearchResult {
    const start = { position: 0, state: this.model.initial, ahead: 0n, used: 0n, usedCount: 0 };
    if (this.timeline.deadlines.length === 0) return { kind: 'explained', visited: 0 };
    this.visit(start);
    // The list grows meanwhile.
    for (const stack of this.waiting) {
      for (let next = stack.pop(); next; next = stack.pop()) {
        next();
        if (this.explained) return { kind: 'explained', visited: this.visited };
        if (this.visited >= visitsMax) return { kind: 'undecided', visited: this.visited };
      }
    }
    return { kind: 'unexplained', position: this.furthest, visited: this.visited };
  }

  private visit(configuration: Configuration<State>): void {
    if (this.isKnown(configuration)) return;
    this.visited += 1;
    this.furthest = Math.max(this.furthest, configuration.position);
    this.later(configuration.usedCount + 1, () => this.useOptional(configuration));
    const { open } = this.timeline.deadlines[configuration.position]!;
    // The one that is due comes first, so it goes onto the stack last.
    for (let place = open.length - 1; place >= 0; place -= 1) {
      const { operation, bit } = open[place]!;
      if ((configuration.ahead & bit) !== 0n) continue;
      const state = this.stepWith(configuration, operation);
      if (state === null) continue;
      const { position, used, usedCount } = configuration;
      const next = { position, state, ahead: configuration.ahead | bit, used, usedCount };
      this.later(usedCount, () => this.proceed(next));
    }
  }

  /** Lets each optional operation that is left, and leads to something, take effect next. */
  private useOptional(configuration: Configuration<State>): void {
    const { optionalBefore } = this.timeline.deadlines[configuration.position]!;
    const { state: before, base = before } = configuration;
    const usedCount = configuration.usedCount + 1;
    const changes: Configuration<State>[] = [];
    const idle: Operation<Call, Answer>[] = [];
    for (let place = optionalBefore - 1; place >= 0; place -= 1) {
      const bit = 1n << BigInt(place);
      if ((configuration.used & bit) !== 0n) continue;
      const operation = this.timeline.optional[place]!;
      const state = this.model.step(before, operation.call, operation.outcome?.answer);
      if (state === null || state === before) idle.push(operation);
      else changes.push({ ...configuration, state, used: configuration.used | bit, usedCount, base });
    }
    for (const next of changes) {
      if (this.leadsOn(next, idle)) this.later(usedCount, () => this.visit(next));
    }
  }

  /** Whether an operation, or another optional one, becomes possible by what took effect last. */
  private leadsOn(configuration: Configuration<State>, idle: readonly Operation<Call, Answer>[]): boolean {
    const { position, ahead, state } = configuration;
    const isNeeded = this.timeline.deadlines[position]!.open.some(
      ({ operation, bit }) => (ahead & bit) === 0n && this.stepWith(configuration, operation) !== null,
    );
    if (isNeeded) return true;
    return idle.some(({ call, outcome }) => {
      const after = this.model.step(state, call, outcome?.answer);
      return after !== null && after !== state;
    });
  }

  /**
   * The state after an operation that returned; null when its answer cannot come here, and when it could as well come
   * without the optional ones right before it: they are not needed, or can take effect after it.
   */
  private stepWith(
    { state, base }: Configuration<State>,
    { call, outcome }: Operation<Call, Answer>,
  ): State | null {
    const after = this.model.step(state, call, outcome?.answer);
    if (after === null || base === undefined) return after;
    const without = this.model.step(base, call, outcome?.answer);
    if (without === null) return after;
    const isReading = after === state && without === base;
    return isReading || this.model.fingerprint(without) === this.model.fingerprint(after) ? null : after;
  }

  /** Goes on to the next operation that has not taken effect when it returns. */
  private proceed(configuration: Configuration<State>): void {
    const { deadlines } = this.timeline;
    let { position, ahead } = configuration;
    for (; position < deadlines.length; position += 1) {
      const { bit } = deadlines[position]!.due;
      if ((ahead & bit) === 0n) break;
      ahead &= ~bit;
    }
    if (position === deadlines.length) this.explained = true;
    else this.visit({ ...configuration, position, ahead });
  }

  /** Whether the same was reached with no more of the optional operations; remembers it if not. */
  private isKnown({ position, ahead, state, used }: Configuration<State>): boolean {
    const key = `${position} ${ahead.toString(36)} ${this.model.fingerprint(state)}`;
    const ways = this.seen.get(key);
    if (ways === undefined) {
      this.seen.set(key, [used]);
      return false;
    }
    if (ways.some((way) => (way & ~used) === 0n)) return true;
    ways.push(used);
    return false;
  }

  private later(usedCount: number, work: () => void): void {
    while (this.waiting.length <= usedCount) this.waiting.push([]);
    this.waiting[usedCount]!.push(work);
  }
}

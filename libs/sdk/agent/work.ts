import { type AgentMessage, NexusError } from '@nexus/contracts';
import { type Encoding, timerMsMax } from '@nexus/wire';
import { type Letter, type Source } from './reading.js';

/** What comes of a handler that takes longer than it may. */
export const outlasted = () =>
  new NexusError('deadline_exceeded', 'the handler did not end within its budget');

/** What came of a message. */
export type Outcome =
  { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: NexusError };

/** Shortest time that a late message of a causal operation gets for its handler, in milliseconds. */
const lateBudgetMsMin = 1_000;

/** One message that the agent has taken in, with the time it has left. */
export class Work {
  readonly message: AgentMessage;
  readonly source: Source;
  /** Encoding of the message, and so of its answer. */
  readonly encoding: Encoding;
  /** Where the answer goes; undefined when none is wanted. */
  readonly replySubject: string | undefined;
  /** Called when its handler has ended, or has outlasted its time; also when it was never called. */
  onFinish: (() => void) | undefined;
  /** Whose it is, among the agents of a connection. */
  owner: object | undefined;
  /** It was neither handled nor answered. */
  dropped = false;
  /** What its answer took as it was sent, in bytes. */
  answerBytes = 0;
  /** What came of it; undefined while nothing has. */
  private outcome: Outcome | undefined;
  private expiresAtMs: number;
  private renewed = false;
  private listeners: ((outcome: Outcome) => void)[] | undefined;
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** A timer may fire a fraction of a millisecond early; from then on the work counts as expired all the same. */
  private spent = false;

  /**
   * @param atMs when it came, on the clock of `performance`
   * @param replySubject where its answer goes, where that is not the reply subject of the letter itself
   */
  constructor(letter: Letter, atMs = performance.now(), replySubject = letter.replySubject) {
    this.message = letter.message;
    this.source = letter.source;
    this.encoding = letter.encoding;
    this.replySubject = replySubject;
    this.expiresAtMs = atMs + letter.message.budgetMs;
  }

  /** Part of a causal operation: it is handled in its place, however late, as others come after it. */
  get ordered(): boolean {
    return this.message.causal !== undefined;
  }

  /** Its budget was used up before its turn came: nobody waits for the answer any more. */
  get late(): boolean {
    return this.renewed;
  }

  /** Gives a late message the time that it was sent with. */
  renew(): void {
    this.renewed = true;
    this.expiresAtMs = performance.now() + Math.max(lateBudgetMsMin, this.message.budgetMs);
  }

  /** Calls `listener` with what comes of the message, also where no answer is sent; at once where it has come. */
  whenDone(listener: (outcome: Outcome) => void): void {
    if (this.outcome) listener(this.outcome);
    else (this.listeners ??= []).push(listener);
  }

  /** Tells whoever asked to be told. */
  done(outcome: Outcome): void {
    const { listeners } = this;
    this.outcome ??= outcome;
    this.listeners = undefined;
    listeners?.forEach((listener) => listener(outcome));
  }

  /** What is left of the budget, in milliseconds; an answer after it is not used. */
  get budgetMs(): number {
    return Math.max(0, Math.floor(this.expiresAtMs - performance.now()));
  }

  get expired(): boolean {
    return this.spent || performance.now() >= this.expiresAtMs;
  }

  /** Aborts when the budget is used up. Made when first asked for: what waits for its turn holds no timer. */
  get signal(): AbortSignal {
    return this.aborter().signal;
  }

  /** Aborts the handler before its budget is used up. */
  abort(reason: Error): void {
    this.aborter().abort(reason);
  }

  /**
   * What the handler comes to, if it does so within the budget.
   * @throws NexusError `deadline_exceeded` when the budget is used up before
   */
  async withinBudget(handling: unknown): Promise<unknown> {
    const { signal } = this;
    let stop: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      stop = () => {
        if (this.expired) reject(outlasted());
      };
      signal.addEventListener('abort', stop);
    });
    try {
      const outcome = await Promise.race([late, handling]);
      // A handler that kept the process busy has kept the timer waiting too.
      if (this.expired) throw outlasted();
      return outcome;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Ends the timer of the signal, and gives the turn to what comes after it. */
  finish(): void {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.onFinish?.();
  }

  private aborter(): AbortController {
    if (this.controller) return this.controller;
    const controller = new AbortController();
    const afterMs = Math.min(this.budgetMs, timerMsMax);
    this.timer = setTimeout(() => {
      this.spent = true;
      controller.abort(new Error('the budget is used up'));
    }, afterMs);
    this.timer.unref();
    this.controller = controller;
    return controller;
  }
}

import { type Msg } from '@nats-io/transport-node';
import { type AgentMessage, NexusError } from '@nexus/contracts';
import { type Encoding, timerMsMax } from '@nexus/wire';

const outlasted = () => new NexusError('deadline_exceeded', 'the handler did not end within its budget');

/** One message that the agent has taken in, with the time it has left. */
export class Work {
  private readonly expiresAtMs: number;
  private controller: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** A timer may fire a fraction of a millisecond early; from then on the work counts as expired all the same. */
  private spent = false;

  constructor(
    readonly message: AgentMessage,
    /** The message as it came: its subject, its headers. */
    readonly source: Msg,
    /** Encoding of the message, and so of its answer. */
    readonly encoding: Encoding,
    /** Where the answer goes; undefined when none is wanted. */
    readonly replySubject: string | undefined,
  ) {
    this.expiresAtMs = performance.now() + message.budgetMs;
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

  /** Ends the timer of the signal. */
  finish(): void {
    clearTimeout(this.timer);
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

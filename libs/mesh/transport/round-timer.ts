/** Largest deviation of a round's length, as a share of it: members that started together must not stay in step. */
const jitter = 0.1;

/**
 * Calls `round` about every `roundMs`. A round that comes late is one round, however late; what has arrived by then is
 * handled before it, since after a pause timers fire before sockets are read.
 */
export class RoundTimer {
  private timer: NodeJS.Timeout | undefined;
  private turn: NodeJS.Immediate | undefined;

  constructor(
    private readonly roundMs: number,
    private readonly round: () => void,
  ) {}

  /** The first round comes soon: there are others to be found. */
  start(): void {
    this.wait(this.roundMs * jitter * Math.random());
  }

  stop(): void {
    clearTimeout(this.timer);
    clearImmediate(this.turn);
  }

  private wait(ms: number): void {
    this.timer = setTimeout(() => {
      // The second turn comes after sockets were read, and what they brought was handled.
      this.turn = setImmediate(() => {
        this.turn = setImmediate(() => {
          this.wait(this.roundMs * (1 - jitter + 2 * jitter * Math.random()));
          this.round();
        });
      });
    }, ms);
  }
}

import { type Coverage } from './coverage.js';
import { once } from './once.js';
import { type SeededRandom } from './seeded-random.js';
import { type Timeline } from './timeline.js';

interface SimulatedProcessOptions<I> {
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly coverage: Coverage;
  readonly tickMs: number;
  /** By up to this share of `tickMs` each tick is early or late at random; none when unset. */
  readonly jitter?: number;
  /** Inputs wait up to so long for a turn, so that several share one. */
  readonly turnDelayMsMax: number;
  /** More are dropped: a broker cuts a consumer that is too slow. */
  readonly inputsMax: number;
  /** What came since the last turn, in order, and whether a tick is due. */
  readonly onTurn: (inputs: readonly I[], isTick: boolean) => void;
}

/** One process: turns of inputs and ticks, by a clock that may run fast or slow, and pauses (SIGSTOP, a long collection). */
export class SimulatedProcess<I> {
  private inputs: I[] = [];
  private turnIsPlanned = false;
  private tickIsDue = false;
  private pauses = 0;
  /** Virtual milliseconds for each of its own. */
  private rate = 1;
  /** What its clock showed at a moment of virtual time; it has run at `rate` since. */
  private clock = { localMs: 0, atMs: 0 };
  private isOver = false;

  constructor(private readonly options: SimulatedProcessOptions<I>) {
    this.clock.atMs = options.timeline.nowMs;
    this.planTick(options.random.between(0, options.tickMs));
  }

  /** Its own monotonic clock: from the start of the process, as fast or slow as it is skewed. A pause does not stop it. */
  get localNowMs(): number {
    const { localMs, atMs } = this.clock;
    return localMs + (this.options.timeline.nowMs - atMs) / this.rate;
  }

  get isRunning(): boolean {
    return !this.isOver && this.pauses === 0;
  }

  post(input: I): void {
    if (this.isOver) return;
    if (this.inputs.length >= this.options.inputsMax) {
      this.options.coverage.count('process: overrun');
      return;
    }
    this.inputs.push(input);
    this.planTurn();
  }

  /** Nothing runs until the returned function is called; what arrives waits. */
  pause(): () => void {
    this.pauses++;
    return once(() => {
      this.pauses--;
      if (this.tickIsDue || this.inputs.length > 0) this.planTurn();
    });
  }

  /** Its clock shows so many milliseconds in one of the true ones, until the returned function is called. */
  skew(factor: number): () => void {
    this.setRate(this.rate / factor);
    return once(() => this.setRate(this.rate * factor));
  }

  /** For good; what waits is lost. */
  stop(): void {
    this.isOver = true;
    this.inputs = [];
  }

  private setRate(rate: number): void {
    this.clock = { localMs: this.localNowMs, atMs: this.options.timeline.nowMs };
    this.rate = rate;
  }

  private planTick(delayMs: number): void {
    this.options.timeline.after(delayMs, () => {
      if (this.isOver) return;
      this.planTick(this.nextTickMs() * this.rate);
      // A late tick counts as one, however late it is.
      this.tickIsDue = true;
      if (this.pauses === 0) this.turn();
    });
  }

  private nextTickMs(): number {
    const { tickMs, jitter = 0, random } = this.options;
    return jitter === 0 ? tickMs : tickMs * random.between(1 - jitter, 1 + jitter);
  }

  private planTurn(): void {
    if (this.turnIsPlanned || this.pauses > 0) return;
    this.turnIsPlanned = true;
    const { timeline, random, turnDelayMsMax } = this.options;
    timeline.after(random.between(0, turnDelayMsMax), () => {
      this.turnIsPlanned = false;
      if (this.isRunning && (this.tickIsDue || this.inputs.length > 0)) this.turn();
    });
  }

  private turn(): void {
    const { inputs, tickIsDue } = this;
    this.inputs = [];
    this.tickIsDue = false;
    this.options.onTurn(inputs, tickIsDue);
  }
}

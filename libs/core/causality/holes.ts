/** A run of missing broadcasts that is, or will be, asked for. */
export interface Hole {
  readonly from: number;
  readonly to: number;
  /** How often it was asked for. */
  asks: number;
  /** How many asks were not counted, since there was no room for what they brought; and whether the last was not. */
  spared: number;
  isSpared: boolean;
  /** When it is to be asked for next, or given up. */
  dueAtMs: number;
}

/**
 * Splits that touch each other are kept apart up to this many; beyond, they share one clock. Those with something held
 * between them are bounded by what may be held.
 */
const adjoiningMax = 64;

/**
 * Asks that are not counted, since what they brought had to be turned away: room comes by and by, as what is next is
 * always delivered. Not without end: liars may fill the room with what waits for each other.
 */
const sparedMax = 64;

/** The missing runs of one sender, ascending, without overlap. */
export class Holes {
  private runs: Hole[] = [];

  get all(): readonly Hole[] {
    return this.runs;
  }

  get isEmpty(): boolean {
    return this.runs.length === 0;
  }

  get first(): Hole | undefined {
    return this.runs[0];
  }

  get last(): Hole | undefined {
    return this.runs.at(-1);
  }

  /** Whether anything up to here is missing. */
  reachUpTo(sequence: number): boolean {
    return this.runs.length > 0 && this.runs[0]!.from <= sequence;
  }

  /** Behind all others. */
  append(from: number, to: number, dueAtMs: number): void {
    const { last } = this;
    if (last?.to === from - 1 && this.runs.length >= adjoiningMax)
      this.runs[this.runs.length - 1] = { ...last, to };
    else this.runs.push(untouched(from, to, dueAtMs));
  }

  /** One came: what is left of its run begins anew, since there was progress. */
  fill(sequence: number, dueAtMs: number): void {
    const at = this.runs.findIndex(({ from, to }) => from <= sequence && sequence <= to);
    if (at < 0) return;
    const { from, to } = this.runs[at]!;
    const rest: Hole[] = [];
    if (from < sequence) rest.push(untouched(from, sequence - 1, dueAtMs));
    if (sequence < to) rest.push(untouched(sequence + 1, to, dueAtMs));
    this.runs.splice(at, 1, ...rest);
  }

  /**
   * One came that there was no room for: it is to be had, so that the ask which brought it is not counted. What lies
   * before it did not come, and may never: of that the ask counts, else it would keep the room taken for so much longer.
   * @param asksMax how many of the asks before it count still: those that were lost say nothing about who has it
   */
  turnAway(sequence: number, asksMax: number): void {
    const at = this.runs.findIndex(({ from, to }) => from <= sequence && sequence <= to);
    if (at < 0) return;
    const { isSpared, spared } = this.runs[at]!;
    if (isSpared || spared >= sparedMax) return;
    const hole = this.begunAt(sequence, at);
    hole.isSpared = true;
    hole.spared += 1;
    hole.asks = Math.min(hole.asks - 1, asksMax);
  }

  /** The run, or the part of it that begins there; both parts keep their clock. */
  private begunAt(sequence: number, at: number): Hole {
    const run = this.runs[at]!;
    if (run.from === sequence || this.runs.length >= adjoiningMax) return run;
    const upper = { ...run, from: sequence };
    this.runs.splice(at, 1, { ...run, to: sequence - 1 }, upper);
    return upper;
  }

  /** Lets a run end here: what is up to it gets its own time, whatever was claimed beyond. */
  splitAfter(sequence: number, dueAtMs: number): void {
    const at = this.runs.findIndex(({ from, to }) => from <= sequence && sequence < to);
    if (at < 0 || this.runs.length >= adjoiningMax) return;
    const run = this.runs[at]!;
    const lower = untouched(run.from, sequence, dueAtMs);
    this.runs.splice(at, 1, lower, { ...run, from: sequence + 1 });
  }

  remove(hole: Hole): void {
    this.runs = this.runs.filter((other) => other !== hole);
  }

  clear(): void {
    this.runs = [];
  }
}

const untouched = (from: number, to: number, dueAtMs: number): Hole => ({
  from,
  to,
  asks: 0,
  spared: 0,
  // There is nothing to spare before the first ask.
  isSpared: true,
  dueAtMs,
});

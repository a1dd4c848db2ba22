import { type SavedOutcome } from './saved-outcome.js';

/** A session as it stood. */
export interface CapturedSession {
  readonly clientId: string;
  readonly registeredAtIndex: number;
  readonly lastActiveMs: number;
  readonly settledBelow: number;
  /** In the order in which they were kept, each with its outcome. */
  readonly seqs: readonly number[];
  readonly saved: readonly SavedOutcome[];
}

/** What is known of one client's requests. */
export class Session {
  lastActiveMs = 0;
  /** Neighbours in the order of last activity; the order's own. */
  older: Session | null = null;
  newer: Session | null = null;

  private settledBelowSeq = 0;
  /** Outcomes by the request's number. */
  private readonly outcomes = new Map<number, SavedOutcome>();

  constructor(
    readonly clientId: string,
    /** The entry that opened it. */
    readonly registeredAtIndex: number,
  ) {}

  /** Requests below it are settled: their outcomes are not kept. */
  get settledBelow(): number {
    return this.settledBelowSeq;
  }

  get outcomesKept(): number {
    return this.outcomes.size;
  }

  recall(seq: number): SavedOutcome | undefined {
    return this.outcomes.get(seq);
  }

  /**
   * Keeps an outcome; beyond `outcomesMax` the oldest counts as settled. A retry of that is refused, which is safe, while
   * to refuse the new request would promise that it is not applied, which no later retry of it would know.
   * @returns by how many the outcomes grew
   */
  keep(seq: number, saved: SavedOutcome, outcomesMax: number): number {
    const before = this.outcomes.size;
    this.outcomes.set(seq, saved);
    if (this.outcomes.size > outcomesMax) {
      const [oldest = seq] = this.outcomes.keys();
      this.settle(oldest + 1);
    }
    return this.outcomes.size - before;
  }

  /** @returns how many outcomes it dropped */
  settle(below: number): number {
    const from = this.settledBelowSeq;
    if (below <= from) return 0;
    this.settledBelowSeq = below;
    const before = this.outcomes.size;
    if (below - from <= before) for (let seq = from; seq < below; seq++) this.outcomes.delete(seq);
    else for (const seq of this.outcomes.keys()) if (seq < below) this.outcomes.delete(seq);
    return before - this.outcomes.size;
  }

  /** As it stands now. */
  capture(): CapturedSession {
    const { clientId, registeredAtIndex, lastActiveMs, settledBelow, outcomes } = this;
    const [seqs, saved] = [[...outcomes.keys()], [...outcomes.values()]];
    return { clientId, registeredAtIndex, lastActiveMs, settledBelow, seqs, saved };
  }
}

import { type Outcome } from '../agent/work.js';

/** What came of the latest messages, for whoever asks again: nothing is handled twice, and the second answer is the first. */
export class OutcomeMemory {
  private readonly outcomes = new Map<string, Outcome>();

  /** @param sizeMax outcomes that are remembered; the oldest goes first */
  constructor(private readonly sizeMax: number) {}

  remember(key: string, outcome: Outcome): void {
    this.outcomes.delete(key);
    this.outcomes.set(key, outcome);
    if (this.outcomes.size <= this.sizeMax) return;
    const [oldest] = this.outcomes.keys();
    if (oldest !== undefined) this.outcomes.delete(oldest);
  }

  recall(key: string): Outcome | undefined {
    return this.outcomes.get(key);
  }
}

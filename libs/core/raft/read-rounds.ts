import { type Readable, type Ticket } from './step.js';

interface Batch {
  readonly round: number;
  readonly index: number;
  readonly tickets: readonly Ticket[];
}

/**
 * Linearizable reads without a log entry (dissertation, §6.4): the leader notes its commit index, and a round of
 * heartbeats that begins after the question shows that it still led. Every batch of questions has a round of its own, never
 * used again in the term, so that no answer to an older round can confirm it.
 */
export class ReadRounds {
  /** The last round that began; 0 before the first. */
  round = 0;
  private waiting: Ticket[] = [];
  private batches: Batch[] = [];
  private tickets = 0;

  /** Questions without an answer. */
  get size(): number {
    return this.tickets;
  }

  get hasWaiting(): boolean {
    return this.waiting.length > 0;
  }

  ask(ticket: Ticket): void {
    this.waiting.push(ticket);
    this.tickets++;
  }

  /** All that wait share one round: who confirms it, confirms that a read at `index` is not stale. */
  begin(index: number): void {
    this.round++;
    this.batches.push({ round: this.round, index, tickets: this.waiting });
    this.waiting = [];
  }

  /** A quorum answered `round`, and with it all before. */
  confirm(round: number): readonly Readable[] {
    const readable: Readable[] = [];
    let confirmed = 0;
    for (; confirmed < this.batches.length && this.batches[confirmed]!.round <= round; confirmed++) {
      const { index, tickets } = this.batches[confirmed]!;
      for (const ticket of tickets) readable.push({ ticket, index });
    }
    this.batches.splice(0, confirmed);
    this.tickets -= readable.length;
    return readable;
  }

  /** All that are still without an answer, oldest first. */
  abandon(): readonly Ticket[] {
    const tickets = [...this.batches.flatMap((batch) => batch.tickets), ...this.waiting];
    this.batches = [];
    this.waiting = [];
    this.tickets = 0;
    return tickets;
  }

  get hasBatches(): boolean {
    return this.batches.length > 0;
  }
}

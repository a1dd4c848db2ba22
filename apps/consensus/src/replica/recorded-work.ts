import { type Accepted, type Ticket } from '@nexus/core/raft';
import { type NotRecorded, type Unknown } from './submission.js';

type Answer<R> = (result: R | NotRecorded | Unknown) => void;

interface Recorded<R> {
  readonly term: number;
  readonly answer: Answer<R>;
}

/**
 * Those who wait for an entry: first for it to be in the leader's log, then for it to be committed there. Bounded by what
 * the core takes uncommitted.
 */
export class RecordedWork<R> {
  private readonly asked = new Map<Ticket, Answer<R>>();
  private readonly recorded = new Map<number, Recorded<R>>();

  /** Whether somebody waits for an entry of the log. */
  get hasUnanswered(): boolean {
    return this.recorded.size > 0;
  }

  ask(ticket: Ticket, answer: Answer<R>): void {
    this.asked.set(ticket, answer);
  }

  /** @returns whether the ticket was one of these */
  accepted({ ticket, index, term }: Accepted): boolean {
    const answer = this.asked.get(ticket);
    if (answer === undefined) return false;
    this.asked.delete(ticket);
    // An entry of an earlier term that stood there is gone; its asker was told when that term ended.
    this.recorded.set(index, { term, answer });
    return true;
  }

  /** @returns whether the ticket was one of these */
  refused(ticket: Ticket, reason: NotRecorded['reason']): boolean {
    const answer = this.asked.get(ticket);
    if (answer === undefined) return false;
    this.asked.delete(ticket);
    answer({ kind: 'refused', reason });
    return true;
  }

  /** The entry at `index` is committed; it is that of whoever waits only if it is of the same term. */
  committed(index: number, term: number, result: R): void {
    const waiting = this.recorded.get(index);
    if (waiting === undefined) return;
    this.recorded.delete(index);
    waiting.answer(waiting.term === term ? result : { kind: 'unknown' });
  }

  /**
   * A term ended: what was recorded in it before may be committed by others, or not. Never told as a refusal (R22). What
   * is committed, up to `committedIndex`, is only not applied yet, and is answered when it is.
   */
  abandonBefore(term: number, committedIndex = 0): void {
    for (const [index, { term: recordedIn, answer }] of this.recorded) {
      if (recordedIn >= term || index <= committedIndex) continue;
      this.recorded.delete(index);
      answer({ kind: 'unknown' });
    }
  }

  /** This replica takes part no more. */
  stop(): void {
    this.abandonBefore(Number.POSITIVE_INFINITY);
    for (const ticket of [...this.asked.keys()]) this.refused(ticket, 'stopped');
  }
}

import { type Input } from '@nexus/core/raft';

type Propose = Extract<Input, { kind: 'propose' }>;

/**
 * Proposals on their way into the log. Those that come while the log is being flushed gather, and go with the next
 * flush: it could not begin earlier, neither here nor at followers whose disks are as fast, so nothing is lost, and one
 * append, one answer and one flush a replica serve them all. Where nobody waits for the flush, nobody gathers.
 */
export class ProposalBatch {
  private gathered: Propose[] = [];
  private issued = 0;
  private durable = 0;

  get size(): number {
    return this.gathered.length;
  }

  add(proposal: Propose): void {
    this.gathered.push(proposal);
  }

  /** A write began. */
  writing(sequence: number): void {
    this.issued = sequence;
  }

  /** All writes up to this one have ended. */
  written(sequence: number): void {
    this.durable = sequence;
  }

  get isWriting(): boolean {
    return this.issued > this.durable;
  }

  /** @param hasUnanswered whether proposals are in the log whose askers wait */
  mayGo(hasUnanswered: boolean): boolean {
    return this.gathered.length > 0 && (!this.isWriting || !hasUnanswered);
  }

  take(): readonly Propose[] {
    const { gathered } = this;
    this.gathered = [];
    return gathered;
  }
}

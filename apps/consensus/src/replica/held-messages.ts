import { type Outgoing } from '@nexus/core/raft';

/** Keeps messages until the write that they speak of is durable (R1). */
export class HeldMessages {
  private held: Outgoing[] = [];
  private durable = 0;

  constructor(private readonly send: (message: Outgoing) => void) {}

  post(messages: readonly Outgoing[]): void {
    for (const message of messages) {
      if (message.afterWrite <= this.durable) this.send(message);
      else this.held.push(message);
    }
  }

  /** All writes up to this one are durable. */
  written(sequence: number): void {
    this.durable = sequence;
    if (this.held.length === 0) return;
    const due = this.held;
    this.held = [];
    this.post(due);
  }

  /** The store failed: what is durable is unknown, and nothing that was held may ever leave. */
  discard(): void {
    this.held = [];
  }
}

import { type Entry, type Snapshot } from './entry.js';
import { type Write } from './log-store.js';
import { type Accepted, type Effects, type Outgoing, type Readable, type RefusalReason } from './step.js';
import { type Refused, type Standing, type Ticket } from './step.js';

/** What is only known when a step ends. */
export interface StepEnd {
  readonly write: Write | null;
  readonly restore: Snapshot | null;
  readonly committed: readonly Entry[];
  readonly standing: Standing | null;
}

/** Collects what a step has to say. What was handed out is never touched again. */
export class Outbox {
  private messages: Outgoing[] = [];
  private accepted: Accepted[] = [];
  private refused: Refused[] = [];
  private readable: Readable[] = [];

  send(outgoing: Outgoing): void {
    this.messages.push(outgoing);
  }

  accept(accepted: Accepted): void {
    this.accepted.push(accepted);
  }

  refuse(ticket: Ticket, reason: RefusalReason): void {
    this.refused.push({ ticket, reason });
  }

  makeReadable(readable: readonly Readable[]): void {
    for (const each of readable) this.readable.push(each);
  }

  take({ write, restore, committed, standing }: StepEnd): Effects {
    const { messages, accepted, refused, readable } = this;
    this.messages = [];
    this.accepted = [];
    this.refused = [];
    this.readable = [];
    return { write, messages, restore, committed, accepted, refused, readable, standing };
  }
}

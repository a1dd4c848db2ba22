import { type MemberId } from './identity.js';
import { type RoundBudget } from './round-budget.js';
import { type Change, type Effects, type Outgoing, type RefusalReason } from './step.js';

type Refusal = Effects['refused'][number];

/** Collects what a step has to say, and lets nothing out that the budget does not hold. */
export class Outbox {
  private messages: Outgoing[] = [];
  private changes: Change[] = [];
  private refused: Refusal[] = [];
  /** Of the message at hand: each is counted once, whatever a message is full of. */
  private reasons = new Set<RefusalReason>();

  constructor(readonly budget: RoundBudget) {}

  /** @param bytes of the message */
  send(outgoing: Outgoing, bytes: number): void {
    if (bytes > this.budget.rest) return;
    this.budget.spend(bytes);
    this.messages.push(outgoing);
  }

  tell(change: Change): void {
    this.changes.push(change);
  }

  beginMessage(): void {
    this.reasons.clear();
  }

  refuse(reason: RefusalReason, from: MemberId): void {
    if (this.reasons.has(reason)) return;
    this.reasons.add(reason);
    this.refused.push({ reason, from });
  }

  take(): Effects {
    const { messages, changes, refused } = this;
    this.messages = [];
    this.changes = [];
    this.refused = [];
    return { messages, changes, refused };
  }
}

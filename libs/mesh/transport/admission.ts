import { type MemberId } from '@nexus/contracts';

export interface AdmissionBounds {
  /** Of one sender, in the time of a round. */
  readonly senderMessagesMax: number;
  /** Of all senders that are no live members, in the time of a round. */
  readonly strangerMessagesMax: number;
  /** Of all senders, in the time of a round. */
  readonly messagesMax: number;
}

/**
 * Bounds the work that messages make, whoever sends them: so many a round of each sender, and of all strangers together,
 * so that neither a member gone mad nor a thousand invented ones hold up what the live ones say.
 */
export class Admission {
  private readonly bySender = new Map<MemberId, number>();
  private strangers = 0;
  private total = 0;

  constructor(private readonly bounds: AdmissionBounds) {}

  /** Whether a message may be handled; counts it then. */
  admit(from: MemberId, isMember: boolean): boolean {
    const { senderMessagesMax, strangerMessagesMax, messagesMax } = this.bounds;
    if (this.total >= messagesMax) return false;
    if (!isMember && this.strangers >= strangerMessagesMax) return false;
    const sent = this.bySender.get(from) ?? 0;
    if (sent >= senderMessagesMax) return false;
    this.bySender.set(from, sent + 1);
    this.total += 1;
    if (!isMember) this.strangers += 1;
    return true;
  }

  /** A round's time has passed. */
  renew(): void {
    this.bySender.clear();
    this.strangers = 0;
    this.total = 0;
  }
}

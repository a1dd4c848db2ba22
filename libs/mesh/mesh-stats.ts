import { type RefusalReason } from '@nexus/core/gossip';

/** What a member did and refused since it started. */
export interface MeshStats {
  readonly roundsSent: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** From the round before the last to the last. */
  readonly bytesSentLastRound: number;
  /** Messages, or parts of them, by the reason why they were not taken. */
  readonly refused: Readonly<Partial<Record<RefusalReason, number>>>;
  /** Messages that were none. */
  readonly malformed: number;
  /** Messages beyond what one sender, or all of them, may send in a round. */
  readonly flooded: number;
  /** Messages that were not sent, as the connection was down. */
  readonly undelivered: number;
  /** Faults of who was asked how the process does, and of listeners. */
  readonly vitalsFaults: number;
  readonly listenerFaults: number;
}

/** The same while it is counted. */
export class MeshCounts implements MeshStats {
  roundsSent = 0;
  messagesSent = 0;
  messagesReceived = 0;
  bytesSent = 0;
  bytesReceived = 0;
  bytesSentLastRound = 0;
  readonly refused: Partial<Record<RefusalReason, number>> = {};
  malformed = 0;
  flooded = 0;
  undelivered = 0;
  vitalsFaults = 0;
  listenerFaults = 0;
  private bytesBeforeRound = 0;

  /** A round begins: what was sent since the last one began is what that one cost. */
  round(): void {
    this.roundsSent += 1;
    this.bytesSentLastRound = this.bytesSent - this.bytesBeforeRound;
    this.bytesBeforeRound = this.bytesSent;
  }

  refuse(reason: RefusalReason): void {
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
  }

  copy(): MeshStats {
    const { bytesBeforeRound: _, ...counts } = this;
    return { ...counts, refused: { ...this.refused } };
  }
}

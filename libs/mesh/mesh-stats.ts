/** What a member did and refused since it started. */
export interface MeshStats {
  readonly roundsSent: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** From one round to the next. */
  readonly bytesSentLastRound: number;
  /** Messages, or parts of them, by the reason why they were not taken. */
  readonly refused: Readonly<Record<string, number>>;
  /** Messages that were none. */
  readonly malformed: number;
  /** Messages beyond what one sender may send, or beyond what fits the inbox. */
  readonly flooded: number;
  /** Messages that were not sent, as the connection was down. */
  readonly undelivered: number;
  /** Faults of listeners. */
  readonly listenerFaults: number;
}

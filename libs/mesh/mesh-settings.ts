/** How a process takes part in the gossip. Times are in milliseconds, sizes in bytes. */
export interface MeshSettings {
  /** Between two rounds. Shorter spreads and notices sooner, and costs messages. */
  readonly roundMs: number;
  /** Largest message; never above what the broker carries. */
  readonly messageBytesMax: number;
  /** Most that one round sends, over all its exchanges. What does not fit goes in later rounds. */
  readonly roundBytesMax: number;
  /** Members that are known at most. */
  readonly membersMax: number;
  /** Keys of one member, removed ones included. */
  readonly keysMax: number;
  /** Largest value of a key. */
  readonly valueBytesMax: number;
  /** Suspicion at which a member is suspected (phi; 8 is one false in 10⁸ by the model). */
  readonly phiSuspect: number;
  /** Rounds that a suspected member has to refute before it counts as dead. */
  readonly suspicionRounds: number;
  /** Rounds that a dead or departed member, and a removed key, is remembered. */
  readonly tombstoneRounds: number;
  /** How far a member's clock may be ahead of ours. */
  readonly generationAheadMsMax: number;
  /** Messages that wait for the next turn; further ones are dropped and counted. */
  readonly inboxMax: number;
  /** Messages that one sender may have handled in the time of a round; further ones are dropped and counted. */
  readonly senderMessagesMax: number;
}

export const meshSettings: MeshSettings = Object.freeze({
  roundMs: 1_000,
  messageBytesMax: 16 * 1_024,
  roundBytesMax: 32 * 1_024,
  membersMax: 4_096,
  keysMax: 1_024,
  valueBytesMax: 4_096,
  phiSuspect: 8,
  suspicionRounds: 5,
  tombstoneRounds: 120,
  generationAheadMsMax: 60_000,
  inboxMax: 1_024,
  senderMessagesMax: 64,
});

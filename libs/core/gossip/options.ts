import { type Identity } from './identity.js';

/** How a member gossips. Times are in milliseconds of the `nowMs` given to `step`, sizes in bytes of `messageBytes`. */
export interface GossipOptions {
  /** Of the deployment: members of two clusters never mix, whatever broker they share. */
  readonly cluster: string;
  readonly self: Identity;
  /** Between two rounds (the design's 1,000). Shorter spreads and notices sooner, and costs messages. */
  readonly roundMs: number;
  /** Largest message. */
  readonly messageBytesMax: number;
  /** Most that one round sends, over all its exchanges; what does not fit goes in later rounds, the newest first. */
  readonly roundBytesMax: number;
  /** Members that are known at most; more are refused and counted. */
  readonly membersMax: number;
  /** Keys of one member, removed ones included. */
  readonly keysMax: number;
  /** Largest value of a key. */
  readonly valueBytesMax: number;
  /** Suspicion: phi at which a member is suspected (Hayashibara et al. 2004; 8 is one false in 10⁸ by the model). */
  readonly phiSuspect: number;
  /** Rounds that a suspected member has to refute before it counts as dead. */
  readonly suspicionRounds: number;
  /** Rounds that a dead or departed member, and a removed key, is remembered, so that no relayed old state revives it. */
  readonly tombstoneRounds: number;
  /** How far a generation may lie ahead of our own wall clock; further is a lie or a broken clock. */
  readonly generationAheadMsMax: number;
}

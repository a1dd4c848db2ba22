import { type MemberId } from './configuration.js';

/** What a member is given beside its durable state. Ticks are of whatever length the caller chooses. */
export interface RaftOptions {
  readonly self: MemberId;
  /** A follower that hears nothing for a random time from min up to, not including, max stands for election. */
  readonly electionTicksMin: number;
  readonly electionTicksMax: number;
  /** Far below `electionTicksMin`, so that a lost heartbeat costs no election. */
  readonly heartbeatTicks: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Entries in one append, in bytes of their commands; a single larger entry travels alone. */
  readonly appendBytesMax: number;
  /** Appends under way to one follower. */
  readonly appendsInFlightMax: number;
  /** One command. */
  readonly commandBytesMax: number;
  /** Commands that are in the leader's log and not committed; more are refused as `overloaded`. */
  readonly uncommittedBytesMax: number;
  /** Reads that wait for their quorum; more are refused as `overloaded`. */
  readonly readsMax: number;
  /** One part of a snapshot. */
  readonly snapshotChunkBytes: number;
  /** Entries that stay in the log below a snapshot, so that a follower that is a little behind needs no snapshot. */
  readonly entriesRetained: number;
}

/** What an operator sees of a member. */
export interface RaftStatus {
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly commit: number;
  readonly snapshotIndex: number;
  /** Bytes of commands from `firstIndex` on. */
  readonly logBytes: number;
}

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
  /** Entries in one append, in bytes (`entryBytes`: the command and 32 more); a single larger entry travels alone. */
  readonly appendBytesMax: number;
  /** Appends under way to one follower. */
  readonly appendsInFlightMax: number;
  /** One command. */
  readonly commandBytesMax: number;
  /** Entries that are in the leader's log and not committed, in bytes (`entryBytes`); more are refused as `overloaded`. */
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
  /** Bytes of the entries from `firstIndex` on (`entryBytes`). */
  readonly logBytes: number;
}

/** What a leader knows of another member. */
export interface FollowerStatus {
  readonly member: MemberId;
  /** `probe`: looks for where the logs agree; `replicate`: sends ahead; `snapshot`: what it lacks is compacted away. */
  readonly state: 'probe' | 'replicate' | 'snapshot';
  /** Its log is durable, and equal to the leader's, up to here. */
  readonly matchIndex: number;
  readonly nextIndex: number;
  /** Since it was last heard. */
  readonly silentTicks: number;
}

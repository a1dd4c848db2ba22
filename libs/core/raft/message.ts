import { type Configuration } from './configuration.js';
import { type Entry } from './entry.js';

/** Every message carries the sender's term, save the pre-vote ones, whose term is the one that is asked about. */
interface Termed {
  readonly term: number;
}

/** Would you vote for me in `term`? (dissertation, §9.6) Changes nothing at either end. */
export interface PreVoteRequest extends Termed {
  readonly kind: 'pre_vote_request';
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** Granted: `term` is the one that was asked about. Refused: it is the term of who refuses, which may be newer. */
export interface PreVoteReply extends Termed {
  readonly kind: 'pre_vote_reply';
  readonly granted: boolean;
}

/** Raft, §5.2 and §5.4.1. */
export interface VoteRequest extends Termed {
  readonly kind: 'vote_request';
  readonly lastIndex: number;
  readonly lastTerm: number;
  /** Asked for by the leader itself, which is about to hand over: a live leader is no reason to refuse (§3.10). */
  readonly transfer: boolean;
}

export interface VoteReply extends Termed {
  readonly kind: 'vote_reply';
  readonly granted: boolean;
}

/** Raft, §5.3. Without entries it is a probe or a heartbeat that checks the log as well. */
export interface AppendRequest extends Termed {
  readonly kind: 'append_request';
  readonly prevIndex: number;
  readonly prevTerm: number;
  readonly entries: readonly Entry[];
  /** The leader's commit index. */
  readonly commit: number;
  /** The leader's last round of reads, to be returned. */
  readonly round: number;
}

export interface AppendAccepted extends Termed {
  readonly kind: 'append_accepted';
  /** The log is durable, and equal to the leader's, up to here. */
  readonly matchIndex: number;
  readonly round: number;
}

/** The entry at `prevIndex` is missing or of another term. */
export interface AppendRejected extends Termed {
  readonly kind: 'append_rejected';
  /** Of the request that is rejected, so that a late rejection is known as such. */
  readonly prevIndex: number;
  /** The term of the conflicting entry, and its first index in the log of who rejects; null when the log is short. */
  readonly conflict: { readonly term: number; readonly firstIndex: number } | null;
  readonly lastIndex: number;
  readonly round: number;
}

/** Says that the leader lives, and asks whether it still leads. Apart from appends: it must not wait behind them. */
export interface Heartbeat extends Termed {
  readonly kind: 'heartbeat';
  /** At most what the receiver is known to hold. */
  readonly commit: number;
  readonly round: number;
}

export interface HeartbeatReply extends Termed {
  readonly kind: 'heartbeat_reply';
  readonly round: number;
}

/** Raft, §7: a part of a snapshot's image. */
export interface SnapshotChunk extends Termed {
  readonly kind: 'snapshot_chunk';
  readonly snapshot: { readonly index: number; readonly term: number; readonly configuration: Configuration };
  /** Where `bytes` belong in the image, whose size is `totalBytes`. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly totalBytes: number;
  readonly round: number;
}

/** The chunk came; with the last one the answer is `append_accepted`, once the snapshot is durable. */
export interface SnapshotProgress extends Termed {
  readonly kind: 'snapshot_progress';
  readonly snapshotIndex: number;
  /** Where the next chunk is to start. */
  readonly nextOffset: number;
  readonly round: number;
}

/** The leader asks its successor to stand at once (dissertation, §3.10). */
export interface TimeoutNow extends Termed {
  readonly kind: 'timeout_now';
}

export type Message =
  | PreVoteRequest
  | PreVoteReply
  | VoteRequest
  | VoteReply
  | AppendRequest
  | AppendAccepted
  | AppendRejected
  | Heartbeat
  | HeartbeatReply
  | SnapshotChunk
  | SnapshotProgress
  | TimeoutNow;

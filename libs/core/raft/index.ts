export type { Configuration, MemberId, MembershipChange } from './configuration.js';
export { entryBytes, type Entry, type Snapshot } from './entry.js';
export type { DurableState, HardState, LogStore, Write } from './log-store.js';
export { isMember, membersOf } from './membership.js';
export type {
  AppendAccepted,
  AppendRejected,
  AppendRequest,
  Heartbeat,
  HeartbeatReply,
  Message,
  PreVoteReply,
  PreVoteRequest,
  SnapshotChunk,
  SnapshotProgress,
  TimeoutNow,
  VoteReply,
  VoteRequest,
} from './message.js';
export type { FollowerStatus, RaftOptions, RaftStatus } from './options.js';
export { Raft } from './raft.js';
export type {
  Accepted,
  Effects,
  Input,
  Outgoing,
  Readable,
  RefusalReason,
  Refused,
  Role,
  Standing,
  Ticket,
} from './step.js';

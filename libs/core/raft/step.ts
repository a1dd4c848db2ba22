import { type MemberId, type MembershipChange } from './configuration.js';
import { type Entry, type Snapshot } from './entry.js';
import { type Write } from './log-store.js';
import { type Message } from './message.js';

/** Chosen by the caller to know its request again; never reused within a process. */
export type Ticket = number;

/** What happens to a member. */
export type Input =
  /** Time passed: one tick, however late. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'message'; readonly from: MemberId; readonly message: Message }
  | { readonly kind: 'propose'; readonly ticket: Ticket; readonly command: Uint8Array }
  /** Asks for an index that, once applied, makes a linearizable read possible (dissertation, §6.4). */
  | { readonly kind: 'read'; readonly ticket: Ticket }
  | { readonly kind: 'change'; readonly ticket: Ticket; readonly change: MembershipChange }
  /** Hands leadership to a member, or to the one that is furthest. */
  | { readonly kind: 'transfer'; readonly ticket: Ticket; readonly to: MemberId | null }
  /** The write with this sequence, and all before it, are durable. */
  | { readonly kind: 'written'; readonly sequence: number }
  /** The state machine's image after `index`, which must be applied: the log before it may go. */
  | { readonly kind: 'compact'; readonly index: number; readonly image: Uint8Array };

/** A message that must not leave before `afterWrite` (a write's sequence; 0 for at once) is durable. */
export interface Outgoing {
  readonly to: MemberId;
  readonly message: Message;
  readonly afterWrite: number;
}

/** A proposal, or a change of membership, is in the leader's log. It counts only once the entry is committed. */
export interface Accepted {
  readonly ticket: Ticket;
  readonly index: number;
  readonly term: number;
}

export type RefusalReason =
  /** Ask the leader. Also what pending reads get when the leader steps down. */
  | 'not_leader'
  /** Leadership is being handed over: nothing was recorded. */
  | 'transferring'
  /** Too much is uncommitted, or too many reads wait. */
  | 'overloaded'
  | 'too_large'
  /** A change of membership is under way, or no entry of this term is committed yet. */
  | 'change_pending'
  /** The learner lacks too much to vote. */
  | 'not_caught_up'
  /** The change, or transfer, names who cannot be meant. */
  | 'no_such_member'
  | 'already_member'
  | 'last_voter';

/** What was asked for was not begun, and will not be. */
export interface Refused {
  readonly ticket: Ticket;
  readonly reason: RefusalReason;
}

/** A quorum confirmed, after the question, that this member leads: reads at or after `index` are linearizable. */
export interface Readable {
  readonly ticket: Ticket;
  readonly index: number;
}

export type Role = 'follower' | 'pre_candidate' | 'candidate' | 'leader';

/** How a member stands. `leader` is a hint, never an authority. */
export interface Standing {
  readonly role: Role;
  readonly term: number;
  readonly leader: MemberId | null;
}

/**
 * What is to be done after a step. The duties of who executes it: issue `write` at once and report it by `written`; hold
 * each message until its write is durable, then send it (it may be lost); replace the state machine by `restore`, then
 * apply `committed` in order, then serve `readable`. A step may accept a proposal and lose leadership as well: take
 * `accepted` first, `standing` last. What was accepted and not seen committed then has an unknown outcome.
 */
export interface Effects {
  readonly write: Write | null;
  readonly messages: readonly Outgoing[];
  readonly restore: Snapshot | null;
  readonly committed: readonly Entry[];
  readonly accepted: readonly Accepted[];
  readonly refused: readonly Refused[];
  readonly readable: readonly Readable[];
  /** Only when it changed. */
  readonly standing: Standing | null;
}

import { type MessageKind, type NexusError } from '@nexus/contracts';

/** What happens to an agent, for its log. */
export type AgentEvent =
  | { readonly kind: 'registered'; readonly heartbeatMs: number; readonly ttlMs: number }
  | {
      readonly kind: 'registration_failed';
      readonly error: NexusError;
      /** 1 for the first try. */
      readonly attempt: number;
      readonly retryInMs: number;
    }
  | { readonly kind: 'heartbeat_failed'; readonly error: NexusError }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'reconnected' }
  | { readonly kind: 'message_dropped'; readonly reason: DropReason; readonly subject: string }
  | {
      /** Broadcasts `from` to `to` of a sender could not be had: what came after them is handled without. */
      readonly kind: 'causal_gap';
      readonly channel: string;
      readonly sender: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'handler_failed';
      readonly error: NexusError;
      readonly messageKind: MessageKind;
      readonly coordinationId: string;
    }
  | { readonly kind: 'answer_lost'; readonly coordinationId: string; readonly error: NexusError }
  | { readonly kind: 'closed' };

/** Why a message was not worked on and not answered. */
export type DropReason =
  | 'malformed'
  | 'foreign_reply_subject'
  | 'expired'
  | 'not_registered'
  /** In a causal operation: the stamp names another sender than the subject. */
  | 'forged_stamp'
  /** In a causal operation: the stamp contradicts itself, or claims more than can be. */
  | 'unbelieved_stamp';

/** Counts since the agent started. */
export interface AgentStats {
  /** Messages that came in. */
  received: number;
  /** Answers with `ok: true` that were delivered. */
  answered: number;
  /** Answers with `ok: false` that were delivered. */
  refused: number;
  /** Messages dropped because they could not be read. */
  malformed: number;
  /** Messages dropped because their answer would have gone outside the inbox prefix. */
  foreignReplySubject: number;
  /** Messages turned away because the queue was full, or too many handlers were stuck. */
  overloaded: number;
  /** Messages refused because another had come with a newer fencing token. */
  outdated: number;
  /** Messages dropped because their budget was used up while they waited. */
  expired: number;
  /** Messages dropped because routing had refused the agent: its id may be another's. */
  notRegistered: number;
  /** Messages of causal operations that had come before: they are handled once. */
  duplicates: number;
  /** Messages of causal operations dropped because their sender was not the one that their stamp names. */
  forged: number;
  /** Stamps, and entries of stamps and clocks, that were not believed, or for which there was no room. */
  unbelieved: number;
  /** Broadcasts of causal operations that could not be had: see the event `causal_gap`. */
  missed: number;
  /** Broadcasts that the agent published itself. */
  published: number;
  /** Messages that the agent, as a relay, passed on to other agents. */
  relayed: number;
  /** Answers that came too late, or that nobody took in time after an outage. */
  lost: number;
  /** Handlers that have outlasted their budget, and still run: not a count since the start. */
  stuck: number;
  /** Successful registrations: 1, and one more for each time that the agent had to come back. */
  registrations: number;
  heartbeats: number;
  heartbeatsFailed: number;
}

export const newStats = (): AgentStats => ({
  received: 0,
  answered: 0,
  refused: 0,
  malformed: 0,
  foreignReplySubject: 0,
  overloaded: 0,
  outdated: 0,
  expired: 0,
  notRegistered: 0,
  duplicates: 0,
  forged: 0,
  unbelieved: 0,
  missed: 0,
  published: 0,
  relayed: 0,
  lost: 0,
  stuck: 0,
  registrations: 0,
  heartbeats: 0,
  heartbeatsFailed: 0,
});

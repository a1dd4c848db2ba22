import { type MessageKind, type NexusError } from '@nexus/contracts';
import { type DropReason } from '../agent/agent-events.js';

/** What happens to a host, for its log. */
export type HostEvent =
  | {
      readonly kind: 'registered';
      /** How many joined with this message. */
      readonly agents: number;
      readonly heartbeatMs: number;
      readonly ttlMs: number;
    }
  | {
      readonly kind: 'registration_failed';
      readonly error: NexusError;
      /** Whom it is about: one agent, or all of one message. */
      readonly agentIds: readonly string[];
      readonly retryInMs: number;
    }
  | { readonly kind: 'heartbeat_failed'; readonly error: NexusError }
  | { readonly kind: 'disconnected' }
  | { readonly kind: 'reconnected' }
  | { readonly kind: 'message_dropped'; readonly reason: DropReason; readonly subject: string }
  | {
      readonly kind: 'handler_failed';
      readonly agentId: string;
      readonly error: NexusError;
      readonly messageKind: MessageKind;
      readonly coordinationId: string;
    }
  | {
      /** Broadcasts `from` to `to` of a sender could not be had: what came after them is handled without. */
      readonly kind: 'causal_gap';
      readonly agentId: string;
      readonly channel: string;
      readonly sender: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'answers_lost';
      readonly coordinationId: string;
      readonly agents: number;
      readonly error: NexusError;
    }
  | { readonly kind: 'closed' };

/** Counts since the host started; a message for a hundred agents is one message and a hundred deliveries. */
export interface HostStats {
  /** Agents that routing knows: not a count since the start. */
  agents: number;
  /** Messages that came in. */
  received: number;
  /** Handlers called. */
  delivered: number;
  /** Answers with `ok: true` that were sent. */
  answered: number;
  /** Answers with `ok: false` that were sent. */
  refused: number;
  /** Messages in which answers were sent. */
  answerMessages: number;
  /** Messages dropped because they could not be read. */
  malformed: number;
  /** Messages dropped because their answers would have gone outside the inbox prefix. */
  foreignReplySubject: number;
  /** Deliveries turned away because the queue was full, or too many handlers were stuck. */
  overloaded: number;
  /** Deliveries refused because another had come with a newer fencing token. */
  outdated: number;
  /** Deliveries dropped because their budget was used up while they waited. */
  expired: number;
  /** Deliveries dropped because routing had refused the agent: its id may be another's. */
  notRegistered: number;
  /** Deliveries that had come before: they are handled once. */
  duplicates: number;
  /** Answers that came too late, or that nobody took in time after an outage. */
  lost: number;
  /** Handlers that have outlasted their budget, and still run: not a count since the start. */
  stuck: number;
  /** Registrations of agents that succeeded. */
  registrations: number;
  heartbeats: number;
  heartbeatsFailed: number;
}

export const newHostStats = (): HostStats => ({
  agents: 0,
  received: 0,
  delivered: 0,
  answered: 0,
  refused: 0,
  answerMessages: 0,
  malformed: 0,
  foreignReplySubject: 0,
  overloaded: 0,
  outdated: 0,
  expired: 0,
  notRegistered: 0,
  duplicates: 0,
  lost: 0,
  stuck: 0,
  registrations: 0,
  heartbeats: 0,
  heartbeatsFailed: 0,
});

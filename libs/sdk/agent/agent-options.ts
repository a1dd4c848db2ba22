import {
  type CausalStamp,
  type Clock,
  type MessageKind,
  type VoteAnswer,
  type VotePayload,
} from '@nexus/contracts';
import { type MeshSettings } from '@nexus/mesh';
import { type Connection } from '@nexus/wire';
import { type ConnectionSource } from '../connection/connection-source.js';
import { type AgentEvent } from './agent-events.js';

/** A message as a handler gets it. */
export interface HandlerMessage<Payload = unknown> {
  /** Frozen where it came on the subject of a group: all agents of the process are shown the same. */
  readonly payload: Payload;
  readonly kind: MessageKind;
  readonly coordinationId: string;
  /** 1 for the first try, more when another agent died with the work. */
  readonly attempt: number;
  /** Who sent it. */
  readonly from: string;
  /** The causal clock of the sender, where it keeps one. */
  readonly clock: Clock | undefined;
  /**
   * In a causal operation, what the message comes after. Whatever that was has been handled, or has outlasted its budget,
   * when the handler is called; and so will this one be before what comes after it. So a handler must not wait for what
   * comes after its own message.
   */
  readonly causal: CausalStamp | undefined;
  /**
   * In an exclusive request, that of the sender's lease on this agent. The agent itself refuses older ones; to be as safe
   * elsewhere, hand it on to what the work changes, and let that refuse older ones too.
   */
  readonly fencingToken: number | undefined;
  /**
   * What is left of the deadline, in milliseconds. In a causal operation, where nothing was left when the handler was
   * called, the whole of it anew: the message is handled in its place, and nobody waits for the answer.
   */
  readonly budgetMs: number;
  /** Aborts when the budget is used up, or the agent closes. */
  readonly signal: AbortSignal;
  /** The span in which the handler runs; also the active one. */
  readonly trace: { readonly traceId: string; readonly spanId: string };
}

/** What it returns is the answer's `data`; a `NexusError` that it throws goes to the caller with its code. */
export type MessageHandler = (message: HandlerMessage) => unknown;

/** Returns an option, null to abstain, or either with a reason. */
export type VoteHandler = (message: HandlerMessage<VotePayload>) => VoteAnswer | Promise<VoteAnswer>;

/** One handler a kind of message; a kind without one, `coordinate` apart, is answered `not_found`. */
export interface AgentHandlers {
  readonly broadcast?: MessageHandler;
  readonly gather?: MessageHandler;
  readonly vote?: VoteHandler;
  readonly task?: MessageHandler;
  /** Without one the agent runs the operations that it is asked to run: it sends the broadcast and counts the answers. */
  readonly coordinate?: MessageHandler;
}

export type AgentOptions = ConnectionSource & {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`; unique in the fleet. */
  readonly agentId: string;
  readonly handlers: AgentHandlers;
  /** First token of every subject. Default `nexus`. */
  readonly prefix?: string;
  readonly groups?: readonly string[];
  readonly capabilities?: readonly string[];
  /** The machine it runs on. */
  readonly node?: string;
  /** Its share of the work relative to others. Default 1. */
  readonly weight?: number;
  /** Messages worked on at once. Default 16. More finish sooner when handlers wait, later when they compute. */
  readonly maxConcurrency?: number;
  /** Messages that may wait for their turn; more are answered `overloaded`. Default 1,024. */
  readonly queueMax?: number;
  /** How messages to it are to be written; answers are written as the message is. Default `json`. */
  readonly encoding?: 'json' | 'msgpack';
  /**
   * Offers to pass messages on to other agents, and to bring their answers together, for requests with the strategy
   * `hierarchical`. Default false. It costs the process some work and its connection some messages, and no handler.
   */
  readonly relay?: boolean;
  /** Anything to show beside the agent, at most 2,048 characters of JSON. */
  readonly meta?: Readonly<Record<string, unknown>>;
  /**
   * Becomes a member of the gossip, which sees the services and the other members: see `Agent.mesh`. On a connection of
   * its own, so that messages cannot hold it up, unless one is named.
   */
  readonly gossip?: true | AgentGossipOptions;
  readonly onEvent?: (event: AgentEvent) => void;
  /** Close in order on SIGTERM and SIGINT, then exit with code 0. Default false. */
  readonly installSignalHandlers?: boolean;
  /** Gives up starting: without it `start` waits for routing for ever. */
  readonly signal?: AbortSignal;
};

/** How an agent takes part in the gossip. */
export interface AgentGossipOptions {
  /** One that several members share, and no messages. Default: one of the agent's own. */
  readonly connection?: Connection;
  /**
   * Between two rounds, in milliseconds, 20 to 60,000. The same as `NEXUS_GOSSIP_ROUND_MS` of the services: members judge
   * each other by their own rounds, so one that is slower than the others is taken for dead. Default 1,000.
   */
  readonly roundMs?: MeshSettings['roundMs'];
}

export interface AgentCloseOptions {
  /** How long handlers may take to finish, in milliseconds; then they are aborted. Default 5,000. */
  readonly drainTimeoutMs?: number;
}

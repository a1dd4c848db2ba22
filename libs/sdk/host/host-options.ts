import { type VoteAnswer, type VotePayload } from '@nexus/contracts';
import { type HandlerMessage } from '../agent/agent-options.js';
import { type ConnectionSource } from '../connection/connection-source.js';
import { type HostEvent } from './host-events.js';

/** An agent of a host, as its handlers and its owner see it. */
export interface HostedAgent {
  readonly agentId: string;
  readonly groups: readonly string[];
  /** Whether routing knows it, as far as the host can tell. */
  readonly registered: boolean;
  /** Messages that wait for their turn. */
  readonly queueDepth: number;
  /** Messages being worked on. */
  readonly active: number;
  /** Leaves the fleet and finishes what was taken in; the host and its other agents go on. */
  close(options?: HostCloseOptions): Promise<void>;
}

/**
 * Handles one message for one agent. What it returns is the answer's `data`; a `NexusError` that it throws goes to the
 * caller with its code. The message is the same for all agents that it is for, and its payload frozen. One that returns no
 * promise costs nothing but the call.
 */
export type HostedHandler<Payload = unknown, Answer = unknown> = (
  message: HandlerMessage<Payload>,
  agent: HostedAgent,
) => Answer;

/** One handler a kind of message; a kind without one is answered `not_found`. Agents may share them. */
export interface HostedHandlers {
  readonly broadcast?: HostedHandler;
  readonly gather?: HostedHandler;
  readonly vote?: HostedHandler<VotePayload, VoteAnswer | Promise<VoteAnswer>>;
  readonly task?: HostedHandler;
  readonly coordinate?: HostedHandler;
}

export interface HostedAgentOptions {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`; unique in the fleet. */
  readonly agentId: string;
  readonly handlers: HostedHandlers;
  readonly groups?: readonly string[];
  readonly capabilities?: readonly string[];
  /** The machine it runs on. Default: that of the host. */
  readonly node?: string;
  /** Its share of the work relative to others. Default 1. */
  readonly weight?: number;
  /** Messages worked on at once, while handlers wait for something. Default 16. */
  readonly maxConcurrency?: number;
  /** Messages that may wait for their turn; more are answered `overloaded`. Default 1,024. */
  readonly queueMax?: number;
  /** Anything to show beside the agent, at most 2,048 characters of JSON. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

export type AgentHostOptions = ConnectionSource & {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`; unique among hosts. */
  readonly hostId: string;
  /** First token of every subject. Default `nexus`. */
  readonly prefix?: string;
  /** The machine it runs on. */
  readonly node?: string;
  /** How messages to the host are written. Default `json`. */
  readonly encoding?: 'json' | 'msgpack';
  readonly onEvent?: (event: HostEvent) => void;
  /** Close in order on SIGTERM and SIGINT, then exit with code 0. Default false. */
  readonly installSignalHandlers?: boolean;
  /** Gives up registering agents: without it `add` waits for routing for ever. */
  readonly signal?: AbortSignal;
};

export interface HostCloseOptions {
  /** How long handlers may take to finish, in milliseconds; then they are aborted. Default 5,000. */
  readonly drainTimeoutMs?: number;
}

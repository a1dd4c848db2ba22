import { type CoordinateRequestInput, type Goal, type GoalType } from '@nexus/contracts';
import { type Encoding } from '@nexus/wire';
import { type ConnectionSource } from '../connection/connection-source.js';
import { type RetryPolicy } from './retrying.js';

export type NexusClientOptions = ConnectionSource & {
  /** First token of every subject. Default `nexus`. */
  readonly prefix?: string;
  /** The caller's name, which broker permissions pin to its credentials; without it, `anonymous`. */
  readonly userId?: string;
  /** Shown by the server in its connection list. Default `nexus client`. */
  readonly name?: string;
  /** Time for a reply that is no coordination, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Waited beyond a goal's own `timeoutMs` for its reply to travel, in milliseconds. Default 2,000. */
  readonly graceMs?: number;
  /** How bodies are written. Default `json`. */
  readonly encoding?: Encoding;
  /**
   * Repeats of what was not accepted. Default: at most 3 of one request, from 100 ms to 2 s; `false` for none. All
   * requests of the client share a budget: a tenth of them may be repeated, and ten on top. Once it is used up, a fault
   * is thrown at once.
   */
  readonly retry?: Partial<RetryPolicy> | false;
  /**
   * Whether causal broadcasts come after what earlier ones of this client were told to have been seen (`goal.after`), so
   * that they stay in order whichever coordinators serve them. Default true; `after` in a goal is taken as it is.
   */
  readonly carryFrontiers?: boolean;
  /**
   * Whether `dispatch` sends work straight to agents: the client then follows the route table, and goes by what the
   * coordinators say of it. Broker permissions must let it publish to agents. Default false.
   */
  readonly direct?: boolean;
  /** Parts of one stream, and events of one subscription, that may wait to be read. Default 1,024. */
  readonly bufferMax?: number;
};

export interface CoordinateOptions {
  /** Names the request: a repeat within two minutes gets the first outcome again. Default: a random one, or none
   * when the client repeats nothing (`retry: false`). */
  readonly requestId?: string;
  /** Longest wait of the caller, in milliseconds. Default: the goal's `timeoutMs` and a grace. */
  readonly timeoutMs?: number;
  /** Stops waiting; what was accepted is still carried out. */
  readonly signal?: AbortSignal;
}

/** Which agents: exactly one of `ids`, `group`, `capability`, `all`. */
export type AgentSelector = CoordinateRequestInput['agents'];

/** A goal of one type as a caller writes it, without naming the type. */
export type GoalOf<T extends GoalType> = Omit<Extract<CoordinateRequestInput['goal'], { type: T }>, 'type'>;

/** The type of the goal of a request. */
export type GoalTypeOf<R extends CoordinateRequestInput> = R['goal']['type'] & Goal['type'];

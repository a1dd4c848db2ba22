import { type AlgorithmName } from '@nexus/contracts';

/** How one unit of work is to be done. */
export interface WorkOptions {
  /**
   * By which its agent is chosen. Default: what the coordinators tell clients that go straight; `round_robin` for those
   * that do not.
   */
  readonly algorithm?: AlgorithmName;
  /** With `consistent_hash`: work with the same key goes to the same agent while it has room; 1 to 256 characters. */
  readonly affinity?: string;
  /** Prefers agents of this machine while they are not clearly busier. */
  readonly node?: string;
  /** When it is of no use any more, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** Stops waiting. What an agent has begun it ends all the same. */
  readonly signal?: AbortSignal;
}

/** A unit of work that was done. */
export interface WorkDone {
  readonly agentId: string;
  /** What the agent made of it. */
  readonly data: unknown;
  /** Agents that it was sent to. */
  readonly attempts: number;
  /** The way that it took. */
  readonly via: 'direct' | 'coordinator';
}

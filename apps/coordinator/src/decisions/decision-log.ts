import {
  type CommandInput,
  type KeyReading,
  type LeaseReading,
  limits,
  type ProposeReply,
} from '@nexus/contracts';
import { DecisionLogClient, type ProposeOptions, type ReadOptions } from '@nexus/sdk';
import { type Caller } from '@nexus/wire';

/**
 * Port: the decision log, as far as coordinators need it. What they decide, lease and hold office by stands there and
 * nowhere else.
 */
export interface DecisionLog {
  /**
   * Commits a command, once for all repeats under the same request id.
   * @throws NexusError `conflict` when the state does not allow it; `unavailable`, `not_leader` or `overloaded` when it
   * was certainly not proposed; `unknown` when it may have been
   */
  propose(command: CommandInput, options: ProposeOptions): Promise<ProposeReply>;
  /** @throws NexusError `unavailable` or `not_leader` when nobody can answer for the log */
  read(key: string, options: ReadOptions): Promise<KeyReading>;
  /** @throws NexusError as `read` */
  readLease(resource: string, options: ReadOptions): Promise<LeaseReading>;
}

/** For injection: the log as requests use it, with repeats. */
export const DECISION_LOG = Symbol('DECISION_LOG');

/** The decision log over NATS. Requests repeat a proposal while their time lasts. */
export const natsDecisionLog = (caller: Caller): DecisionLog => new DecisionLogClient({ caller });

/** As above for what is done periodically anyway: the next turn is the repeat. */
export const unrepeatedDecisionLog = (caller: Caller): DecisionLog =>
  new DecisionLogClient({ caller, retry: { retriesMax: 0, baseMs: 0, capMs: 0 } });

/** Longest that one proposal of a coordinator may take, in milliseconds. */
export const proposalMsMax = limits.proposalTimeoutMsDefault;

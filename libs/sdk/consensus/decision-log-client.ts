import { randomUUID } from 'node:crypto';
import {
  type CommandInput,
  type ConsensusStatus,
  type ElectionReading,
  endpoints,
  type KeyReading,
  type LeaseReading,
  limits,
  type memberReplySchema,
  NexusError,
  type ProposeReply,
  type ReadReply,
  type ReadRequestInput,
  type transferReplySchema,
} from '@nexus/contracts';
import { type Caller } from '@nexus/wire';
import { RetryBudget } from '../client/retry-budget.js';
import { retryDefaults, retrying, type RetryPolicy } from '../client/retrying.js';
import { Proposal } from './proposal.js';

export interface ProposeOptions {
  /**
   * Names the proposal: whoever repeats it within two minutes, after whatever fault, gets the outcome of the first and
   * changes nothing again. Default: a random one for each call.
   */
  readonly requestId?: string;
  /**
   * When to give up, repeats included, in milliseconds. Default 10,000. What may be committed is repeated only while the
   * log certainly remembers its request id: after 110 s it is `unknown`, whatever time is left.
   */
  readonly timeoutMs?: number;
  /**
   * Stops waiting. What was sent may be committed all the same: the call then fails with `unknown`. When nothing was sent
   * yet, it fails with the reason.
   */
  readonly signal?: AbortSignal;
}

export interface ReadOptions {
  /** `linearizable` (the default) sees all that was acknowledged before; `local` may be stale, and needs no leader. */
  readonly consistency?: 'linearizable' | 'local';
  /** When to give up, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface DecisionLogClientOptions {
  readonly caller: Pick<Caller, 'call'>;
  readonly retry?: RetryPolicy;
  /** Shared with all else that the same client asks. */
  readonly budget?: RetryBudget;
}

/** The replicas and their membership after a change. */
export type MembersReply = (typeof memberReplySchema)['_zod']['output'];
export type TransferReply = (typeof transferReplySchema)['_zod']['output'];

const readTimeoutMsDefault = 5_000;
/** Membership and leadership change only once replicas have caught up, in milliseconds. */
const operationTimeoutMs = 15_000;

/**
 * Proposes to the decision log and reads from it. Every proposal goes under a request id, so that after a fault that
 * leaves its outcome open it is simply made again: it is applied once.
 */
export class DecisionLogClient {
  private readonly caller: Pick<Caller, 'call'>;
  private readonly policy: RetryPolicy;
  private readonly budget: RetryBudget;

  constructor({ caller, retry = retryDefaults, budget = new RetryBudget() }: DecisionLogClientOptions) {
    this.caller = caller;
    this.policy = retry;
    this.budget = budget;
  }

  /**
   * Commits a command, repeating it under the same request id while time, repeats and their budget last.
   * @throws NexusError `conflict` when the state does not allow it; `unavailable` or `not_leader` when it was certainly
   * not proposed; `unknown` when it may have been, or may be yet; `invalid_argument`; what the signal was aborted with
   * before anything was sent
   */
  async propose(command: CommandInput, options: ProposeOptions = {}): Promise<ProposeReply> {
    const { requestId = randomUUID(), timeoutMs = limits.proposalTimeoutMsDefault, signal } = options;
    const { caller, budget, policy } = this;
    const { retriesMax } = policy;
    const proposal = new Proposal({ caller, command, requestId, timeoutMs, retriesMax, signal });
    return retrying(policy, proposal, {
      budget,
      signal,
      // It moves once a try may be committed.
      get deadlineMs() {
        return proposal.deadlineMs;
      },
      passes: (error) => proposal.passes(error),
    });
  }

  /**
   * @throws NexusError `unavailable` or `not_leader` when nobody can answer for the log, `invalid_argument`
   */
  async read(key: string, options: ReadOptions = {}): Promise<KeyReading> {
    const reply = await this.ask({ key, consistency: options.consistency }, options);
    if ('key' in reply) return reply;
    throw otherReading(key);
  }

  /** @throws NexusError as `read` */
  async readLease(resource: string, options: ReadOptions = {}): Promise<LeaseReading> {
    const reply = await this.ask({ resource, consistency: options.consistency }, options);
    if ('resource' in reply) return reply;
    throw otherReading(resource);
  }

  /** @throws NexusError as `read` */
  async readElection(election: string, options: ReadOptions = {}): Promise<ElectionReading> {
    const reply = await this.ask({ election, consistency: options.consistency }, options);
    if ('election' in reply) return reply;
    throw otherReading(election);
  }

  /** How every replica stands. */
  status(timeoutMs = readTimeoutMsDefault): Promise<ConsensusStatus> {
    return this.caller.call(endpoints.consensusStatus, {}, {}, { timeoutMs });
  }

  /** @param to the replica that is to lead; else the one that is furthest */
  transferLeadership(to?: string): Promise<TransferReply> {
    const request = to === undefined ? {} : { to };
    return this.caller.call(endpoints.consensusTransfer, {}, request, { timeoutMs: operationTimeoutMs });
  }

  addMember(replicaId: string): Promise<MembersReply> {
    return this.caller.call(
      endpoints.consensusMembersAdd,
      {},
      { replicaId },
      { timeoutMs: operationTimeoutMs },
    );
  }

  removeMember(replicaId: string): Promise<MembersReply> {
    return this.caller.call(
      endpoints.consensusMembersRemove,
      {},
      { replicaId },
      { timeoutMs: operationTimeoutMs },
    );
  }

  private ask(request: ReadRequestInput, options: ReadOptions): Promise<ReadReply> {
    const { timeoutMs = readTimeoutMsDefault, signal } = options;
    const attempt = {
      accepted: () => false,
      run: async (leftMs: number) => {
        try {
          return await this.caller.call(endpoints.consensusRead, {}, request, { timeoutMs: leftMs, signal });
        } catch (thrown) {
          throw readFault(thrown);
        }
      },
    };
    const deadlineMs = performance.now() + timeoutMs;
    return retrying(this.policy, attempt, {
      ...{ budget: this.budget, deadlineMs, signal },
      passes: ({ code }) => code === 'not_leader' && signal?.aborted !== true,
    });
  }
}

/** A read changes nothing: that nobody answered is all there is to say. */
function readFault(thrown: unknown): NexusError {
  const error = NexusError.from(thrown);
  if (error.code !== 'deadline_exceeded') return error;
  return new NexusError('unavailable', 'the decision log does not answer', {
    retryAfterMs: 1_000,
    cause: error,
  });
}

const otherReading = (what: string) =>
  new NexusError('internal', `the decision log was asked for ${what} and told of something else`);

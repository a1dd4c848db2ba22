import { randomUUID } from 'node:crypto';
import {
  type AssignReply,
  type assignRequestSchema,
  type CommandInput,
  type ConsensusStatus,
  type CoordinatePart,
  type CoordinateReply,
  type CoordinateRequestInput,
  type ElectionReading,
  endpoints,
  type Frontiers,
  type KeyReading,
  type LeaseReading,
  limits,
  type ProposeReply,
  type ReplyTo,
  subjectOf,
} from '@nexus/contracts';
import { Caller, type CallOptions, type RawReply } from '@nexus/wire';
import {
  type HeldConnection,
  holdConnection,
  prefixDefault,
  replyInboxOf,
} from '../connection/connection-source.js';
import {
  DecisionLogClient,
  type MembersReply,
  type ProposeOptions,
  type ReadOptions,
  type TransferReply,
} from '../consensus/decision-log-client.js';
import { KeyWatch, type WatchOptions } from '../consensus/key-watch.js';
import { Lease, type LeaseOptions } from '../consensus/lease.js';
import { AgentDirectory } from './agent-directory.js';
import { type Ask } from './ask.js';
import {
  type AgentSelector,
  type CoordinateOptions,
  type GoalOf,
  type GoalTypeOf,
  type NexusClientOptions,
} from './client-options.js';
import { CoordinationStream } from './coordination-stream.js';
import { EventStream } from './event-stream.js';
import { RetryBudget } from './retry-budget.js';
import { retryDefaults, retrying, type RetryPolicy } from './retrying.js';
import { SeenFrontiers } from './seen-frontiers.js';
import { SplitReply } from './split-reply.js';
import { DirectWork } from '../work/direct-work.js';
import { WorkDesk } from '../work/work-desk.js';
import { type WorkDone, type WorkOptions } from '../work/work-options.js';
import { type WorkOrder } from '../work/work-order.js';

/** A coordination under way. */
interface Conduct {
  readonly options: CoordinateOptions;
  readonly onPart?: (part: CoordinatePart) => void;
  readonly signal?: AbortSignal | undefined;
}

const timeoutMsDefault = 5_000;
const graceMsDefault = 2_000;
const bufferDefault = 1_024;
/** How long closing waits for work under way, in milliseconds. */
const drainMs = 2_000;

/**
 * Asks Nexus to coordinate. Every fault is a `NexusError`; what was not accepted is tried again, under the same
 * request id, so that no work is done twice, and within a budget, so that repeats do not feed an overload.
 *
 * ```ts
 * const client = await NexusClient.connect({ servers: 'nats://127.0.0.1:4222' });
 * const reply = await client.gather({ group: 'workers' }, { payload: { ask: 'load' }, aggregate: 'count' });
 * ```
 */
export class NexusClient {
  /** The agents of the fleet. */
  readonly agents: AgentDirectory;
  private readonly caller: Caller;
  private readonly prefix: string;
  private readonly policy: RetryPolicy;
  private readonly budget = new RetryBudget();
  private readonly log: DecisionLogClient;
  private readonly seen = new SeenFrontiers();
  private readonly work: WorkDesk;

  private constructor(
    private readonly options: NexusClientOptions,
    private readonly held: HeldConnection,
  ) {
    this.prefix = options.prefix ?? prefixDefault;
    this.caller = new Caller(held.connection, replyInboxOf(held.connection), this.prefix);
    this.policy = policyOf(options.retry);
    this.log = new DecisionLogClient({ caller: this.caller, retry: this.policy, budget: this.budget });
    this.agents = new AgentDirectory((endpoint, params, request) => this.ask(endpoint, params, request));
    this.work = new WorkDesk({
      send: (body, timeoutMs, onPart) => this.sendWritten(body, { timeoutMs, onPart }),
      ...{ policy: this.policy, budget: this.budget, graceMs: options.graceMs ?? graceMsDefault },
    });
    if (options.direct === true) this.work.goDirect((instead) => this.openDirect(instead));
  }

  /**
   * @throws NexusError `unavailable` when no NATS server answers, `unauthorized` when it refuses the credentials,
   * `invalid_argument` for a bad `userId` or `prefix`
   */
  static async connect(options: NexusClientOptions): Promise<NexusClient> {
    const { prefix = prefixDefault, userId = 'anonymous' } = options;
    // Refuses what is no token of a subject, before anything is open that would have to be closed again.
    subjectOf(prefix, endpoints.coordinate.template, { userId });
    return new NexusClient(options, await holdConnection(options, options.name ?? 'nexus client'));
  }

  /**
   * Coordinates, and waits for the final reply; one whose lists travelled in parts is put together again.
   * @throws NexusError what Nexus answered, or `deadline_exceeded`
   */
  coordinate<R extends CoordinateRequestInput>(
    request: R,
    options: CoordinateOptions = {},
  ): Promise<ReplyTo<GoalTypeOf<R>>> {
    return this.conduct(request, { options, signal: options.signal }) as Promise<ReplyTo<GoalTypeOf<R>>>;
  }

  /**
   * What the causal broadcasts of this client have seen: bounded; what was seen on the channel that was told last stays
   * first, then the latest. Hand it to `after` of a goal of another client, or of an agent's, that is to come after them.
   */
  get frontiers(): Frontiers {
    return this.seen.current() ?? {};
  }

  /**
   * Tells all of them.
   *
   * With `ordering: 'causal'` agents are told after everything that earlier causal broadcasts of this client had seen,
   * and `result.frontiers` says what this one has; see `carryFrontiers`.
   */
  broadcast(agents: AgentSelector, goal: GoalOf<'broadcast'> = {}, options?: CoordinateOptions) {
    return this.coordinate({ agents, goal: { type: 'broadcast', ...goal } }, options);
  }

  /** Asks all of them. */
  gather(agents: AgentSelector, goal: GoalOf<'gather'> = {}, options?: CoordinateOptions) {
    return this.coordinate({ agents, goal: { type: 'gather', ...goal } }, options);
  }

  /** Lets them decide together. */
  vote(agents: AgentSelector, goal: GoalOf<'consensus'>, options?: CoordinateOptions) {
    return this.coordinate({ agents, goal: { type: 'consensus', ...goal } }, options);
  }

  /** Shares work out among them. */
  loadBalance(agents: AgentSelector, goal: GoalOf<'load_balance'>, options?: CoordinateOptions) {
    return this.coordinate({ agents, goal: { type: 'load_balance', ...goal } }, options);
  }

  /**
   * Gets one unit of work done by one agent. With the option `direct` the client chooses it and asks it itself, where the
   * deployment lets it; else, and whenever it cannot be sure of its knowledge, a coordinator does, and what is asked of it
   * in one turn travels together. The payload must not be changed before the work is done.
   *
   * ```ts
   * const { data, agentId } = await client.dispatch({ group: 'workers' }, { path: 'README.md' });
   * ```
   * @throws NexusError what the agent answered; `not_found` when no agent matches, `unavailable` when none is left to do
   * it, `deadline_exceeded`, `overloaded`
   */
  dispatch(agents: AgentSelector, payload: unknown, options: WorkOptions = {}): Promise<WorkDone> {
    return this.work.dispatch(agents, payload, options);
  }

  /**
   * Resolves once `dispatch` goes straight to agents; before, and whenever that must not be, it goes through a coordinator.
   * @throws NexusError `unavailable` with the reason when that takes longer than `withinMs`
   */
  whenDirect(withinMs = timeoutMsDefault): Promise<void> {
    return this.work.whenDirect(withinMs);
  }

  /** Coordinates, handing over parts as they come. Leaving the loop early stops listening. */
  stream<R extends CoordinateRequestInput>(
    request: R,
    options: CoordinateOptions = {},
  ): CoordinationStream<ReplyTo<GoalTypeOf<R>>> {
    return new CoordinationStream((onPart, stopped) => {
      const signal = options.signal ? AbortSignal.any([options.signal, stopped]) : stopped;
      const reply = this.conduct({ ...request, stream: true }, { options, onPart, signal });
      return reply as Promise<ReplyTo<GoalTypeOf<R>>>;
    }, this.options.bufferMax ?? bufferDefault);
  }

  /**
   * Picks agents for units of work without sending it to them.
   * @throws NexusError `not_found` when no agent matches
   */
  assign(request: (typeof assignRequestSchema)['_zod']['input']): Promise<AssignReply> {
    return this.ask(endpoints.routingAssign, {}, request);
  }

  /**
   * What happens, from now on.
   * @param pattern names of events with NATS wildcards, as `agent.*`
   */
  events(pattern = '>'): EventStream {
    const { bufferMax = bufferDefault } = this.options;
    return new EventStream(this.held.connection, `${this.prefix}.events.`, pattern, bufferMax);
  }

  /**
   * Commits a command to the decision log. After a fault it is proposed again under the same request id, so that it
   * takes effect once.
   *
   * ```ts
   * const { version } = await client.propose({ type: 'put', key: 'model', value: 'v2', expectedVersion: 0 });
   * const { value } = await client.propose({ type: 'decide', key: 'winner', value: 'red' });
   * ```
   * @throws NexusError `conflict` when the state does not allow it; `unavailable` or `not_leader` when it was certainly
   * not proposed; `unknown` when it may have been: to repeat it with the same `requestId` is safe for two minutes after
   * the first try
   */
  propose(command: CommandInput, options?: ProposeOptions): Promise<ProposeReply> {
    return this.log.propose(command, options);
  }

  /**
   * The value that a key of the decision log has, null when there is none; with its version, for `expectedVersion`.
   * @throws NexusError `unavailable` or `not_leader` when nobody can answer for the log
   */
  read(key: string, options?: ReadOptions): Promise<KeyReading> {
    return this.log.read(key, options);
  }

  /** Who holds a lease, and with which token. */
  readLease(resource: string, options?: ReadOptions): Promise<LeaseReading> {
    return this.log.readLease(resource, options);
  }

  /** Who holds an office, and who waits for it. */
  readElection(election: string, options?: ReadOptions): Promise<ElectionReading> {
    return this.log.readElection(election, options);
  }

  /**
   * The values of keys: what stands, and what is newer as it is committed.
   *
   * ```ts
   * for await (const { value, version } of client.watch(['config.coordination'])) apply(value, version);
   * ```
   */
  watch(keys: readonly string[], options: WatchOptions = {}): KeyWatch {
    const { connection } = this.held;
    const read = (key: string) => this.log.read(key);
    return new KeyWatch({ ...options, connection, prefix: this.prefix, keys, read });
  }

  /**
   * Takes a lease, which renews itself until it is released or lost.
   * @throws NexusError `conflict` when another holds it
   */
  lease(resource: string, options?: LeaseOptions): Promise<Lease> {
    return Lease.acquire(this.log, resource, options);
  }

  /**
   * Works while holding a lease, and gives it back in every outcome.
   *
   * ```ts
   * await client.withLease('printer', { ttlMs: 5_000 }, ({ fencingToken, signal }) => print(fencingToken, signal));
   * ```
   */
  async withLease<T>(
    resource: string,
    options: LeaseOptions,
    work: (lease: Lease) => Promise<T> | T,
  ): Promise<T> {
    const lease = await this.lease(resource, options);
    try {
      return await work(lease);
    } finally {
      await lease.release();
    }
  }

  /** How every replica of the decision log stands. */
  consensusStatus(): Promise<ConsensusStatus> {
    return this.log.status();
  }

  /** Hands leadership to a replica, or to the one that is furthest. */
  transferLeadership(to?: string): Promise<TransferReply> {
    return this.log.transferLeadership(to);
  }

  /** Makes a replica that asks to join a member. */
  addMember(replicaId: string): Promise<MembersReply> {
    return this.log.addMember(replicaId);
  }

  /** Takes a replica out of the group. */
  removeMember(replicaId: string): Promise<MembersReply> {
    return this.log.removeMember(replicaId);
  }

  /** Waits for units of work under way, two seconds at most, and closes the connection if the client opened it. */
  async close(): Promise<void> {
    await this.work.close(drainMs);
    if (this.held.owned) await this.held.connection.close();
  }

  private async conduct(asked: CoordinateRequestInput, conduct: Conduct): Promise<CoordinateReply> {
    const reply = await this.conductWhole({ ...asked, goal: this.inOrder(asked.goal) }, conduct);
    if (reply.type === 'broadcast' && reply.result.frontiers) {
      this.seen.merge(reply.result.frontiers, { stamp: reply.result.causal });
    }
    return reply;
  }

  /** Decided once, so that a repeat says the same. */
  private inOrder(goal: CoordinateRequestInput['goal']): CoordinateRequestInput['goal'] {
    const { carryFrontiers = true } = this.options;
    if (goal.type !== 'broadcast' || goal.ordering !== 'causal') return goal;
    const after = goal.after ?? (carryFrontiers ? this.seen.current() : undefined);
    return { ...goal, ...(after && { after }) };
  }

  private conductWhole(request: CoordinateRequestInput, conduct: Conduct): Promise<CoordinateReply> {
    const { options, signal } = conduct;
    const requestId = options.requestId ?? request.requestId ?? this.idForRepeats();
    const goalMs = request.goal.timeoutMs ?? limits.timeoutMsDefault;
    const graceMsMax = this.options.graceMs ?? graceMsDefault;
    const waitMs = options.timeoutMs ?? goalMs + graceMsMax;
    // What the caller has left for the reply to travel; where it has left nothing, a tenth of its patience.
    const graceMs = Math.min(graceMsMax, Math.max(waitMs - goalMs, waitMs / 10));
    let attempts = 0;
    const reply = new SplitReply();
    const attempt = {
      accepted: () => reply.parts > 0,
      run: async (timeoutMs: number) => {
        attempts += 1;
        // A repeat that had the whole budget again would outlive the caller, who could not learn what came of it.
        const leftMs = Math.max(1, Math.floor(timeoutMs - graceMs));
        const goal = attempts > 1 ? { ...request.goal, timeoutMs: Math.min(goalMs, leftMs) } : request.goal;
        const raw = await this.send(
          { ...request, goal, ...(requestId !== undefined && { requestId }) },
          {
            ...this.callOptions(timeoutMs),
            signal,
            onPart: (body) => {
              const part = reply.add(body);
              conduct.onPart?.(part);
            },
          },
        );
        return reply.finish(raw);
      },
    };
    const deadlineMs = performance.now() + waitMs;
    return retrying(this.policy, attempt, { budget: this.budget, deadlineMs, graceMs, signal });
  }

  /** Without repeats there is nothing to tell apart, and an id costs the coordinator two trips to its store. */
  private idForRepeats(): string | undefined {
    return this.policy.retriesMax > 0 ? randomUUID() : undefined;
  }

  private send(request: CoordinateRequestInput, options: CallOptions): Promise<RawReply> {
    const { userId } = this.options;
    return userId === undefined
      ? this.caller.callRaw(endpoints.coordinateAnonymous, {}, request, options)
      : this.caller.callRaw(endpoints.coordinate, { userId }, request, options);
  }

  private sendWritten(body: Uint8Array, options: CallOptions): Promise<RawReply> {
    const { userId } = this.options;
    return userId === undefined
      ? this.caller.callWritten(endpoints.coordinateAnonymous, {}, body, options)
      : this.caller.callWritten(endpoints.coordinate, { userId }, body, options);
  }

  private openDirect(instead: (order: WorkOrder) => void): DirectWork {
    const { connection } = this.held;
    const { caller, prefix } = this;
    const from = this.options.userId ?? 'anonymous';
    return new DirectWork({ connection, replies: replyInboxOf(connection), caller, prefix, from, instead });
  }

  private ask: Ask = (endpoint, params, request) => {
    const timeoutMs = this.options.timeoutMs ?? timeoutMsDefault;
    const attempt = {
      accepted: () => false,
      run: (remainingMs: number) =>
        this.caller.call(endpoint, params, request, this.callOptions(remainingMs)),
    };
    const deadlineMs = performance.now() + timeoutMs;
    return retrying(this.policy, attempt, { budget: this.budget, deadlineMs });
  };

  private callOptions(timeoutMs: number): CallOptions {
    const { encoding } = this.options;
    return { timeoutMs, ...(encoding && { encoding }) };
  }
}

function policyOf(retry: NexusClientOptions['retry']): RetryPolicy {
  if (retry === false) return { ...retryDefaults, retriesMax: 0 };
  const policy = { ...retryDefaults, ...retry };
  // More would multiply the load of those who are already overloaded.
  return { ...policy, retriesMax: Math.min(policy.retriesMax, retryDefaults.retriesMax) };
}

import { type HeartbeatRequest, NexusError, subjectOf, subjects } from '@nexus/contracts';
import { Caller, type ConnectionEvent } from '@nexus/wire';
import {
  type HeldConnection,
  holdConnection,
  prefixDefault,
  replyInboxOf,
} from '../connection/connection-source.js';
import { type AgentEvent, type AgentStats, guarded, newStats } from './agent-events.js';
import { type AgentCloseOptions, type AgentOptions } from './agent-options.js';
import { Answering } from './answering.js';
import { Mailbox } from './mailbox.js';
import { type Introduction, Membership } from './membership.js';
import { MessageIntake } from './message-intake.js';
import { Performer } from './performer.js';
import { processLoad } from './process-load.js';
import { closeOnSignals } from './signal-exit.js';

const concurrencyDefault = 16;
const queueDefault = 1_024;
const drainTimeoutMsDefault = 5_000;
const farewellTimeoutMs = 1_000;

/**
 * A member of the fleet: registers, beats, handles messages, comes back after outages, leaves in order. A process may
 * run a thousand of them on one connection.
 *
 * ```ts
 * const agent = await Agent.start({
 *   servers: 'nats://127.0.0.1:4222',
 *   agentId: 'worker-1',
 *   groups: ['workers'],
 *   handlers: { gather: () => ({ free: true }), task: ({ payload, signal }) => work(payload, signal) },
 * });
 * ```
 */
export class Agent {
  private readonly counts: AgentStats = newStats();
  private readonly report: (event: AgentEvent) => void;
  private readonly membership: Membership;
  private readonly intake: MessageIntake;
  private readonly mailbox: Mailbox;
  private readonly stopFollowing: () => void;
  private ignoreSignals: () => void = () => undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: AgentOptions,
    private readonly held: HeldConnection,
    addresses: readonly string[],
  ) {
    const { agentId, prefix = prefixDefault, handlers } = options;
    const { connection } = held;
    const report = guarded(options.onEvent);
    const own = { agentId, stats: this.counts, report };
    const replies = replyInboxOf(connection);
    const answering = new Answering({ ...own, connection, replies, load: () => this.load() });
    this.report = report;
    this.intake = new MessageIntake({
      ...own,
      answering,
      performer: new Performer({ ...own, prefix, handlers, answering }),
      bounds: {
        activeMax: options.maxConcurrency ?? concurrencyDefault,
        waitingMax: options.queueMax ?? queueDefault,
      },
    });
    this.mailbox = new Mailbox(connection, addresses, this.intake);
    this.membership = new Membership({
      ...own,
      introduction: introductionOf(options),
      mailbox: this.mailbox,
      caller: new Caller(connection, replies, prefix),
      load: () => this.load(),
    });
    this.stopFollowing = connection.on((event) => this.follow(event));
  }

  /**
   * Listens, registers and returns once registered; what comes before that waits. While routing is absent, or an
   * earlier life still holds the id, it tries again for ever (see `onEvent` and `signal`).
   * @throws NexusError `invalid_argument` for an id, group or prefix that is no token of a subject, `unavailable` when
   * NATS cannot be reached, and what routing refuses for good
   */
  static async start(options: AgentOptions): Promise<Agent> {
    const addresses = addressesOf(options);
    const held = await holdConnection(options, `agent ${options.agentId}`);
    const agent = new Agent(options, held, addresses);
    if (options.installSignalHandlers) agent.ignoreSignals = closeOnSignals(() => agent.close());
    const giveUp = () => agent.membership.stop();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      if (options.signal?.aborted) giveUp();
      await agent.membership.join();
      return agent;
    } catch (error) {
      await agent.close({ drainTimeoutMs: 0 });
      throw NexusError.from(error);
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
    }
  }

  get agentId(): string {
    return this.options.agentId;
  }

  /** Whether routing knows this agent, as far as the agent can tell. */
  get registered(): boolean {
    return this.membership.registered && this.held.connection.connected;
  }

  /** Counts since the start. */
  get stats(): Readonly<AgentStats> {
    return { ...this.counts };
  }

  /** The load that heartbeats and answers report. */
  load(): Omit<HeartbeatRequest, 'token'> {
    return { ...processLoad.read(), queueDepth: this.intake.waiting, active: this.intake.active };
  }

  /** Leaves the fleet, finishes what was taken in, and closes the connection if the agent opened it. */
  close(options: AgentCloseOptions = {}): Promise<void> {
    this.closing ??= this.leave(options.drainTimeoutMs ?? drainTimeoutMsDefault);
    return this.closing;
  }

  private async leave(drainTimeoutMs: number): Promise<void> {
    const { connection, owned } = this.held;
    // First out of the route table, so that nothing new is sent here; what is on its way is still handled.
    await this.membership.leave(farewellTimeoutMs);
    await this.mailbox.close(farewellTimeoutMs);
    await this.intake.drain(drainTimeoutMs);
    this.stopFollowing();
    // Answers are on their way; a broker that does not confirm them in time is not waited for any longer.
    if (connection.connected) await connection.flush(farewellTimeoutMs).catch(() => undefined);
    if (owned) await connection.close();
    this.ignoreSignals();
    this.report({ kind: 'closed' });
  }

  private follow(event: ConnectionEvent): void {
    if (event === 'disconnected') this.report({ kind: 'disconnected' });
    if (event === 'reconnected') {
      this.report({ kind: 'reconnected' });
      this.membership.reconnected();
    }
    if (event === 'closed') this.membership.stop();
  }
}

/** Its own subject, and those of its groups. */
function addressesOf({ agentId, prefix = prefixDefault, groups = [] }: AgentOptions): readonly string[] {
  const mine = subjectOf(prefix, subjects.agent, { agentId });
  return [...new Set([mine, ...groups.map((group) => subjectOf(prefix, subjects.group, { group }))])];
}

function introductionOf(options: AgentOptions): Introduction {
  const { groups = [], capabilities = [], node, weight, meta } = options;
  return {
    groups: [...groups],
    capabilities: [...capabilities],
    maxConcurrency: options.maxConcurrency ?? concurrencyDefault,
    ...(node !== undefined && { node }),
    ...(weight !== undefined && { weight }),
    ...(meta !== undefined && { meta: { ...meta } }),
  };
}

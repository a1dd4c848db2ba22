import { type HeartbeatRequest, NexusError, subjectOf, subjects } from '@nexus/contracts';
import { type MeshMember } from '@nexus/mesh';
import { Caller, type ConnectionEvent } from '@nexus/wire';
import { CausalLine } from '../causal/causal-line.js';
import { Causality } from '../causal/causality.js';
import {
  type HeldConnection,
  holdConnection,
  prefixDefault,
  replyInboxOf,
} from '../connection/connection-source.js';
import { RelayDesk } from '../relay/relay-desk.js';
import { GroupLine } from '../group/group-line.js';
import { type AgentEvent, type AgentStats, newStats } from './agent-events.js';
import { type AgentCloseOptions, type AgentOptions } from './agent-options.js';
import { Answering } from './answering.js';
import { BroadcastRun } from './broadcast-run.js';
import { GossipMembership } from './gossip-membership.js';
import { guarded } from './guarded.js';
import { GroupPost, type Published, type PublishOptions } from './group-post.js';
import { Mailbox } from './mailbox.js';
import { type Introduction, Membership } from './membership.js';
import { MessageIntake } from './message-intake.js';
import { OperationRunner } from './operation-runner.js';
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
  private readonly causality: Causality;
  private readonly post: GroupPost;
  private readonly stopFollowing: () => void;
  private gossip: GossipMembership | undefined;
  private ignoreSignals: () => void = () => undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: AgentOptions,
    private readonly held: HeldConnection,
  ) {
    const { agentId, prefix = prefixDefault, handlers, groups: named = [], capabilities = [] } = options;
    const { connection } = held;
    const groups = [...new Set(named)];
    const report = guarded(options.onEvent);
    const own = { agentId, stats: this.counts, report };
    const replies = replyInboxOf(connection);
    const bounds = boundsOf(options);
    const line = CausalLine.on(connection, prefix);
    this.report = report;
    this.causality = new Causality({
      ...own,
      groups,
      capabilities,
      line,
      roomMax: bounds.activeMax + bounds.waitingMax,
      desk: {
        begin: (work) => this.intake.begin(work),
        answer: (work, outcome) => this.intake.answer(work, outcome),
      },
    });
    const { inbox, outbox, clock } = this.causality;
    const answering = new Answering({
      ...own,
      connection,
      replies,
      load: () => this.load(),
      clocks: (work) => this.causality.answerClocks(work),
    });
    const run = new BroadcastRun({ agentId, line, inbox, outbox, clock });
    this.intake = new MessageIntake({
      ...own,
      answering,
      performer: new Performer({ ...own, prefix, handlers, answering }),
      operations: new OperationRunner({ ...own, prefix, handlers, answering, run }),
      relays: new RelayDesk({ ...own, prefix, connection, replies, offered: options.relay === true }),
      causal: inbox,
      tags: () => this.membership.tags,
      recent: GroupLine.on(connection, prefix).recent,
      bounds,
    });
    this.post = new GroupPost({ agentId, groups, line, inbox, outbox });
    this.mailbox = new Mailbox({ agentId, groups, line, intake: this.intake, inbox });
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
   * @throws NexusError `invalid_argument` for an id, group or prefix that is no token of a subject and for a gossip that
   * cannot be, `unavailable` when NATS cannot be reached, and what routing refuses for good
   */
  static async start(options: AgentOptions): Promise<Agent> {
    assertOptions(options);
    const held = await holdConnection(options, `agent ${options.agentId}`);
    const agent = new Agent(options, held);
    if (options.installSignalHandlers) agent.ignoreSignals = closeOnSignals(() => agent.close());
    const giveUp = () => agent.membership.stop();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      if (options.signal?.aborted) giveUp();
      await agent.membership.join();
      agent.gossip = await GossipMembership.start(options, options.prefix ?? prefixDefault);
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

  /** This agent in the gossip; undefined unless the option `gossip` was given. */
  get mesh(): MeshMember | undefined {
    return this.gossip?.mesh;
  }

  /**
   * Tells a group that the agent belongs to, in causal order: whoever delivers it has delivered what this agent had. The
   * agent itself is told too, by its own handler. Returns at once: what is lost on the way is made up for by repairs.
   *
   * ```ts
   * const { frontiers } = agent.publish('workers', { found: 'a way' });
   * await client.broadcast({ group: 'workers' }, { ordering: 'causal', after: frontiers, payload: 'follow' });
   * ```
   * @throws NexusError `invalid_argument` for a group that it does not belong to or a payload that JSON cannot express,
   * `payload_too_large`, `unavailable` while it is not registered or not connected, `overloaded` when too much waits for
   * its own handlers. Nothing was sent then.
   */
  publish(group: string, payload: unknown, options?: PublishOptions): Published {
    if (!this.mailbox.confirmed) throw new NexusError('unavailable', 'the agent is not registered');
    const published = this.post.publish(group, payload, options);
    this.counts.published += 1;
    return published;
  }

  /** The load that heartbeats and answers report. */
  load(): Omit<HeartbeatRequest, 'token'> {
    const { cpu, memory } = processLoad.read();
    return { cpu, memory, queueDepth: this.intake.waiting, active: this.intake.active };
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
    this.causality.outbox.close();
    await this.gossip?.leave();
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
      this.causality.inbox.reconnected();
    }
    if (event === 'closed') this.membership.stop();
  }
}

/** Refuses what cannot be before anything is open that would have to be closed again. */
function assertOptions(options: AgentOptions): void {
  const { agentId, prefix = prefixDefault, groups = [] } = options;
  subjectOf(prefix, subjects.agent, { agentId });
  for (const group of groups) subjectOf(prefix, subjects.group, { group });
  GossipMembership.assertOptions(options);
}

const boundsOf = ({ maxConcurrency = concurrencyDefault, queueMax = queueDefault }: AgentOptions) => ({
  activeMax: maxConcurrency,
  waitingMax: queueMax,
});

function introductionOf(options: AgentOptions): Introduction {
  const { groups = [], capabilities = [], node, weight, meta, encoding, relay } = options;
  return {
    groups: [...groups],
    capabilities: [...capabilities],
    maxConcurrency: options.maxConcurrency ?? concurrencyDefault,
    groupSubjects: true,
    ...(encoding !== undefined && { encoding }),
    ...(relay !== undefined && { relay }),
    ...(node !== undefined && { node }),
    ...(weight !== undefined && { weight }),
    ...(meta !== undefined && { meta: { ...meta } }),
  };
}

import { randomBytes } from 'node:crypto';
import { NexusError, subjectOf, subjects } from '@nexus/contracts';
import {
  Caller,
  type ConnectionEvent,
  extractTrace,
  messagingAttributes,
  tokenHashOf,
  tracer,
} from '@nexus/wire';
import { context, INVALID_SPANID, INVALID_TRACEID, SpanKind, trace } from '@opentelemetry/api';
import { guarded } from '../agent/guarded.js';
import { type Letter, readLetter } from '../agent/reading.js';
import { closeOnSignals } from '../agent/signal-exit.js';
import { within } from '../agent/within.js';
import {
  type HeldConnection,
  holdConnection,
  prefixDefault,
  replyInboxOf,
} from '../connection/connection-source.js';
import { AnswerTags } from '../group/answer-tags.js';
import { deepFreeze } from '../group/deep-freeze.js';
import { type Msg } from '@nats-io/transport-node';
import { AnswerPost, type Answers, gatherMs } from './answers.js';
import { CausalPart } from './causal-part.js';
import { Delivery } from './delivery.js';
import { HostDesk } from './host-desk.js';
import { type HostEvent, type HostStats, newHostStats } from './host-events.js';
import { type Delivered, HostMailbox, type Reception } from './host-mailbox.js';
import { HostMembership } from './host-membership.js';
import {
  type AgentHostOptions,
  type HostCloseOptions,
  type HostedAgent,
  type HostedAgentOptions,
} from './host-options.js';
import { Member, type OrderedPart } from './member.js';
import { Repeats } from './repeats.js';
import { tracingOn } from '../agent/tracing-on.js';

const drainTimeoutMsDefault = 5_000;
const farewellTimeoutMs = 1_000;

/**
 * One process with many agents: one connection, one subscription a group, one registration for a thousand of them, and one
 * answer for all that a message was for. What a host is sent it hands to its agents in process.
 *
 * ```ts
 * const host = await AgentHost.start({ servers: 'nats://127.0.0.1:4222', hostId: 'box-1' });
 * await host.addAll(names.map((agentId) => ({
 *   agentId,
 *   groups: ['workers'],
 *   handlers: { gather: (_message, agent) => ({ name: agent.agentId, free: true }) },
 * })));
 * ```
 */
export class AgentHost {
  private readonly counts: HostStats = newHostStats();
  private readonly report: (event: HostEvent) => void;
  private readonly desk: HostDesk;
  private readonly mailbox: HostMailbox;
  private readonly membership: HostMembership;
  private readonly repeats = new Repeats();
  private readonly newPart: (member: Member) => OrderedPart;
  private readonly prefix: string;
  private readonly stopFollowing: () => void;
  private ignoreSignals: () => void = () => undefined;
  private deafen: () => void = () => undefined;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly options: AgentHostOptions,
    private readonly held: HeldConnection,
  ) {
    const { hostId, prefix = prefixDefault, node, encoding } = options;
    const { connection } = held;
    const replies = replyInboxOf(connection);
    // Of the host's own making, and the same for life: what was asked once can be asked again.
    const token = randomBytes(16).toString('base64url');
    this.prefix = prefix;
    this.report = guarded(options.onEvent);
    this.desk = new HostDesk(this.counts, this.report);
    const own = { hostId, connection, prefix, desk: this.desk };
    const tags = new AnswerTags(tokenHashOf(token));
    const post = new AnswerPost({ hostId, connection, replies, stats: this.counts, report: this.report });
    this.newPart = (member) => new CausalPart(member, { ...own, replies, tags });
    this.mailbox = new HostMailbox({ ...own, tags, post, reception: this.reception() });
    const caller = new Caller(connection, replies, prefix);
    this.membership = new HostMembership({ ...own, token, node, encoding, caller, mailbox: this.mailbox });
    this.stopFollowing = connection.on((event) => this.follow(event));
  }

  /**
   * Connects and listens. The host is known to routing with its first agent.
   * @throws NexusError `invalid_argument` for an id or prefix that is no token of a subject, `unavailable` when NATS cannot
   * be reached
   */
  static async start(options: AgentHostOptions): Promise<AgentHost> {
    const { hostId, prefix = prefixDefault, signal } = options;
    subjectOf(prefix, subjects.host, { hostId });
    const host = new AgentHost(options, await holdConnection(options, `host ${hostId}`));
    if (options.installSignalHandlers) host.ignoreSignals = closeOnSignals(() => host.close());
    if (signal) host.giveUpOn(signal);
    return host;
  }

  get hostId(): string {
    return this.options.hostId;
  }

  /** Counts since the start. */
  get stats(): Readonly<HostStats> {
    return this.desk.sum;
  }

  /** Its agents, in the order of joining. */
  get agents(): readonly HostedAgent[] {
    return [...this.mailbox.all];
  }

  /**
   * Adds an agent; resolves once it is registered, and what came before that waits. Those that are added within one turn
   * join with one message. While routing is absent, or somebody else holds the id, the host tries again for ever (see
   * `onEvent` and `signal`).
   * @throws NexusError `invalid_argument` for an id or group that is no token of a subject, `conflict` for an id that the
   * host has already, `unavailable` once it is closed, and what routing refuses for good
   */
  async add(options: HostedAgentOptions): Promise<HostedAgent> {
    const { agentId, groups = [] } = options;
    subjectOf(this.prefix, subjects.hostedAgent, { hostId: this.hostId, agentId });
    for (const group of groups) subjectOf(this.prefix, subjects.group, { group });
    if (this.closing) throw new NexusError('unavailable', 'the host is closed');
    if (this.options.signal?.aborted) throw new NexusError('unavailable', 'the host was told to give up');
    if (this.mailbox.has(agentId)) throw new NexusError('conflict', `the host has an agent ${agentId}`);
    const member = new Member(options, this.desk, (leaving) => this.leave(leaving));
    this.mailbox.add(member);
    try {
      await this.membership.join(member);
      return member;
    } catch (error) {
      member.turnOut();
      this.mailbox.remove(member);
      throw NexusError.from(error);
    }
  }

  /** Adds many; resolves once all are registered. */
  addAll(options: readonly HostedAgentOptions[]): Promise<HostedAgent[]> {
    return Promise.all(options.map((each) => this.add(each)));
  }

  /** Leaves with all agents, finishes what was taken in, and closes the connection if the host opened it. */
  close(options: HostCloseOptions = {}): Promise<void> {
    this.closing ??= this.leaveAll(options.drainTimeoutMs ?? drainTimeoutMsDefault);
    return this.closing;
  }

  /** A signal may live for longer than hosts do: it is not to keep them. */
  private giveUpOn(signal: AbortSignal): void {
    const giveUp = () => this.membership.giveUp();
    signal.addEventListener('abort', giveUp);
    this.deafen = () => signal.removeEventListener('abort', giveUp);
  }

  private reception(): Reception {
    return {
      deliver: (delivered) => this.receive(delivered),
      deliverFrom: (peer, source, members) => this.receiveFrom(peer, source, members),
    };
  }

  private async leave(member: Member): Promise<void> {
    await this.membership.leave(member);
    // What was sent before routing knew is still on its way.
    await this.mailbox.settled(farewellTimeoutMs);
    this.mailbox.remove(member);
  }

  private async leaveAll(drainTimeoutMs: number): Promise<void> {
    const { connection, owned } = this.held;
    await this.membership.leaveAll(farewellTimeoutMs);
    await this.mailbox.close(farewellTimeoutMs);
    const members = [...this.mailbox.all];
    for (const member of members) member.turnAwayNew();
    const parts = members.map(({ ordered }) => ordered?.close(drainTimeoutMs));
    const idle = Promise.all([...parts, ...members.map((each) => each.whenIdle())]);
    if (!(await within(idle, drainTimeoutMs))) {
      for (const delivery of this.desk.running) delivery.abort(new Error('the host is closing'));
    }
    this.stopFollowing();
    // Answers that waited for others are on their way then.
    await new Promise((resolve) => setTimeout(resolve, 2 * gatherMs));
    if (connection.connected) await connection.flush(farewellTimeoutMs).catch(() => undefined);
    if (owned) await connection.close();
    this.ignoreSignals();
    this.deafen();
    this.report({ kind: 'closed' });
  }

  private receive({ letter, members, replySubject, answers }: Delivered): void {
    const { message } = letter;
    if (message.causal !== undefined || message.kind === 'coordinate') {
      this.deliverInOrder(letter, members, replySubject, answers);
      return;
    }
    if (!tracingOn()) {
      this.spread(new Delivery(letter, answers, this.desk, untraced), members, answers);
      return;
    }
    const { source } = letter;
    const template = `${this.prefix}.${templateOf(source.subject)}`;
    const attributes = {
      ...messagingAttributes('process', template, source.subject, source.data.length),
      'messaging.message.conversation_id': message.coordinationId,
      'nexus.host.id': this.hostId,
      'nexus.host.agents': members.length,
      'nexus.message.kind': message.kind,
      'nexus.message.attempt': message.attempt,
    };
    const parent = extractTrace(source.headers);
    const span = tracer().startSpan(`process ${template}`, { kind: SpanKind.CONSUMER, attributes }, parent);
    const delivery = new Delivery(letter, answers, this.desk, span.spanContext());
    delivery.onEnd = () => span.end();
    context.with(trace.setSpan(parent, span), () => this.spread(delivery, members, answers));
  }

  /** What has an order goes the way of an agent without a host: each keeps an order of its own. */
  private deliverInOrder(
    letter: Letter,
    members: readonly Member[],
    replySubject: string | undefined,
    answers: Answers | undefined,
  ): void {
    for (const member of members) {
      const part = member.orderedBy(this.newPart);
      if (part) part.take(letter, replySubject);
      else this.desk.drop('not_registered', letter.source.subject);
    }
    answers?.endTurn(0);
  }

  private receiveFrom(peer: string, source: Msg, members: readonly Member[]): void {
    const reading = readLetter(source);
    if (typeof reading !== 'string') deepFreeze(reading.message.payload);
    for (const member of members) {
      // What an agent tells its group it has told itself already.
      if (member.agentId !== peer) member.orderedBy(this.newPart)?.takeFrom(peer, source, reading);
    }
  }

  private spread(delivery: Delivery, members: readonly Member[], answers: Answers | undefined): void {
    delivery.spreadTo(this.repeats.note(delivery, members, answers));
  }

  private follow(event: ConnectionEvent): void {
    if (event === 'disconnected') this.report({ kind: 'disconnected' });
    if (event === 'reconnected') {
      this.report({ kind: 'reconnected' });
      this.membership.reconnected();
      for (const { ordered } of this.mailbox.all) ordered?.reconnected();
    }
    if (event === 'closed') this.membership.stop();
  }
}

/** Where nothing records, there is nothing to name. */
const untraced = { traceId: INVALID_TRACEID, spanId: INVALID_SPANID };

/** The template of a subject of a host: names of spans stay few. */
function templateOf(subject: string): string {
  const [, kind, , agent] = subject.split('.');
  if (kind === 'group') return subjects.group;
  return agent === undefined ? subjects.host : subjects.hostedAgent;
}

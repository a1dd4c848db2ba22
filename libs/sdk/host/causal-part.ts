import { type Msg } from '@nats-io/transport-node';
import { idOfSender } from '@nexus/core/causality';
import { type Connection, type ReplyInbox, stampFrom } from '@nexus/wire';
import { type AgentEvent, type AgentStats, newStats } from '../agent/agent-events.js';
import { type AgentHandlers } from '../agent/agent-options.js';
import { bytesOf } from '../agent/answer-part.js';
import { Answering } from '../agent/answering.js';
import { BroadcastRun } from '../agent/broadcast-run.js';
import { MessageIntake } from '../agent/message-intake.js';
import { OperationRunner } from '../agent/operation-runner.js';
import { Performer } from '../agent/performer.js';
import { type Letter, type ReadingFault } from '../agent/reading.js';
import { CausalLine, type LineMember } from '../causal/causal-line.js';
import { Causality } from '../causal/causality.js';
import { type AnswerTags } from '../group/answer-tags.js';
import { GroupLine } from '../group/group-line.js';
import { RelayDesk } from '../relay/relay-desk.js';
import { newBundle } from './answer-bundle.js';
import { type HostDesk } from './host-desk.js';
import { type HostedHandler } from './host-options.js';
import { type Member, type OrderedPart } from './member.js';

export interface CausalPartOptions {
  readonly hostId: string;
  readonly prefix: string;
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  readonly tags: AnswerTags;
  readonly desk: HostDesk;
}

/**
 * What an agent of a host has for messages in causal order, and for operations that it is to run: all that an agent without
 * a host has. Most are never sent any, so it is made with the first. The agent has listened all along: whoever sends the
 * first that it hears of counts as having begun with it.
 */
export class CausalPart implements OrderedPart {
  private readonly stats: AgentStats = newStats();
  private readonly causality: Causality;
  private readonly intake: MessageIntake;
  private readonly line: CausalLine;
  private readonly onLine: LineMember;

  constructor(
    private readonly member: Member,
    private readonly options: CausalPartOptions,
  ) {
    const { prefix, connection, replies, tags, desk } = options;
    desk.beginOrder(this.stats);
    const { agentId, groups, bounds } = member;
    const { capabilities = [] } = member.options;
    const own = { agentId, stats: this.stats, report: (event: AgentEvent) => this.report(event) };
    const line = CausalLine.on(connection, prefix);
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
      load: () => desk.loadOf(member),
      clocks: (work) => this.causality.answerClocks(work),
      envelope: ({ source, encoding }, part) => {
        if (source.subject.startsWith(`${prefix}.host.${options.hostId}.`)) return bytesOf(part);
        // Whoever asked several agents at once awaits the answers of a host.
        const bundle = newBundle(encoding, options.hostId, connection.bodyBytesMax);
        bundle.add(part);
        return bundle.take();
      },
    });
    const handlers = handlersOf(member, desk);
    const run = new BroadcastRun({ agentId, line, inbox, outbox, clock });
    this.intake = new MessageIntake({
      ...own,
      answering,
      performer: new Performer({ ...own, prefix, handlers, answering }),
      operations: new OperationRunner({ ...own, prefix, handlers, answering, run }),
      // A host's agents are asked together, and relay for nobody.
      relays: new RelayDesk({ ...own, prefix, connection, replies, offered: false }),
      causal: inbox,
      tags: () => tags,
      recent: GroupLine.on(connection, prefix).recent,
      bounds,
    });
    this.line = line;
    this.onLine = {
      agentId,
      // What others tell its groups the host hears for all of its agents.
      groups: [],
      receiveFrom: (peer, source, reading) => this.takeFrom(peer, source, reading),
      hear: (frontier) => inbox.hear(frontier),
    };
    line.join(this.onLine);
    inbox.open();
    this.intake.admit();
  }

  get active(): number {
    return this.intake.active;
  }

  get queueDepth(): number {
    return this.intake.waiting;
  }

  take(letter: Letter, replySubject: string | undefined): void {
    const { causal } = letter.message;
    if (causal) this.causality.inbox.hearsFrom(stampFrom(causal));
    this.intake.receiveRead(letter, replySubject);
  }

  takeFrom(peer: string, source: Msg, reading: Letter | ReadingFault): void {
    const causal = typeof reading === 'string' ? undefined : reading.message.causal;
    // Of another sender than itself a peer is not believed.
    if (causal && idOfSender(causal.sender) === peer) this.causality.inbox.hearsFrom(stampFrom(causal));
    this.intake.receiveFrom(peer, source, reading);
  }

  reconnected(): void {
    this.causality.inbox.reconnected();
  }

  async close(drainTimeoutMs: number): Promise<void> {
    this.line.leave(this.onLine);
    await this.intake.drain(drainTimeoutMs);
    this.causality.outbox.close();
    this.options.desk.endOrder(this.stats);
  }

  private report(event: AgentEvent): void {
    const { desk } = this.options;
    const { agentId } = this.member;
    switch (event.kind) {
      case 'message_dropped':
        desk.report(event);
        break;
      case 'handler_failed':
      case 'causal_gap':
        desk.report({ ...event, agentId });
        break;
      case 'answer_lost':
        desk.report({ ...event, kind: 'answers_lost', agents: 1 });
        break;
      default:
        // Of connection and registration the host itself reports.
        break;
    }
  }
}

/** The handlers of an agent of a host, as those of one without. */
function handlersOf(member: Member, desk: HostDesk): AgentHandlers {
  const entries = Object.entries(member.options.handlers).map(([kind, handler]) => [
    kind,
    (message: never) => {
      desk.stats.delivered += 1;
      return (handler as HostedHandler<never>)(message, member);
    },
  ]);
  return Object.fromEntries(entries) as AgentHandlers;
}

import { type Msg } from '@nats-io/transport-node';
import { NexusError } from '@nexus/contracts';
import { type Conversation, failSpan } from '@nexus/wire';
import { type Span } from '@opentelemetry/api';
import { type Coordination } from '../coordination/coordination.js';
import { type Admit } from '../coordination/part-sink.js';
import { type AgentLine, endSend, type OnAnswer, type Undeliverable } from '../fleet/agent-line.js';
import { type Body } from '../fleet/body.js';
import { type Answer, readAnswer, readHostAnswers, type Reading } from '@nexus/wire';
import { type Outbox } from '../fleet/outbox.js';
import { type HostReach, type Reach } from './reach.js';

export interface GroupExchangeOptions {
  readonly line: AgentLine;
  readonly coordination: Coordination;
  readonly reach: Reach;
  readonly admit: Admit;
  /** Called with each answer, by the agent's place among the targets. */
  readonly onAnswer: OnAnswer;
}

/** Messages to groups, hosts and agents on behalf of one coordination, and the answers of each agent to them. */
export class GroupExchange {
  private readonly conversation: Conversation;
  private readonly outbox: Outbox;
  /** Who was asked on a reply subject of its own, by the subject's slot. */
  private readonly asked = new Map<number, { readonly slots: readonly number[]; readonly hostId?: string }>();
  private readonly spans = new Map<number, Span>();
  private nextQuestion = 0;

  constructor(private readonly options: GroupExchangeOptions) {
    const { line, coordination } = options;
    this.outbox = line.outbox(coordination);
    this.conversation = line.replies.open((question, message) => this.receive(question, message));
  }

  /** One message for all members of a group. */
  sendToGroup(group: string, body: Body): void {
    const { addresses } = this.options.line;
    const reply = this.conversation.sharedSubject((tag, message) => this.receiveTagged(tag, message));
    this.outbox.publish({ to: addresses.ofGroup(group), body, reply })?.end();
  }

  /** One message for several agents of a host. */
  sendToHost({ hostId, slots }: HostReach, body: Body): void {
    const question = this.nextQuestion++;
    const to = this.options.line.addresses.ofHost(hostId);
    const span = this.outbox.publish({ to, body, reply: this.conversation.replySubject(question) });
    if (span) this.spans.set(question, span);
    this.asked.set(question, { slots, hostId });
  }

  /** A message for one agent. */
  sendToAgent(slot: number, body: Body): void {
    const question = this.nextQuestion++;
    const { agentId } = this.options.coordination.targets.agents[slot]!;
    const span = this.outbox.send({ agentId, body, reply: this.conversation.replySubject(question) });
    if (span) this.spans.set(question, span);
    this.asked.set(question, { slots: [slot] });
  }

  /** What has not been answered by now is late when it comes. */
  close(): void {
    this.conversation.close();
    for (const span of this.spans.values()) {
      failSpan(span, new NexusError('deadline_exceeded', 'no answer before the deadline'));
      span.end();
    }
    this.spans.clear();
  }

  private get reading(): Reading {
    const { line, admit } = this.options;
    return { bodyBytesMax: line.bodyBytesMax, admit };
  }

  private receive(question: number, message: Msg | null): void {
    const asked = this.asked.get(question);
    if (!asked) {
      this.late();
      return;
    }
    const { slots, hostId } = asked;
    // A host may answer in several messages: its question stays open.
    if (message === null || hostId === undefined) this.asked.delete(question);
    const span = this.spans.get(question);
    this.spans.delete(question);
    if (message === null) {
      endSend(span, this.undeliverable(slots));
    } else if (hostId === undefined) {
      endSend(span, this.receiveOne(slots[0]!, message));
    } else {
      span?.end();
      this.receiveOfHost({ hostId, slots }, message);
    }
  }

  private receiveTagged(tag: string, message: Msg): void {
    const { line, reach, coordination } = this.options;
    if (tag === '') {
      const nobodyListens = message.headers?.code === 503 && message.data.length === 0;
      // Somebody who has no tag, or does not know that it takes one: nobody can tell who it is.
      if (nobodyListens) this.undeliverable([...coordination.targets.agents.keys()]);
      else this.late();
      return;
    }
    const speaker = reach.speakerOf(tag, line.replies.root);
    if (!speaker) {
      this.late();
      return;
    }
    if (speaker.kind === 'agent') this.receiveOne(speaker.slot, message);
    else this.receiveOfHost(speaker.host, message);
  }

  private receiveOne(slot: number, message: Msg): Answer {
    const { agentId } = this.options.coordination.targets.agents[slot]!;
    const answer = readAnswer(message, agentId, this.reading);
    if (answer.seen) this.options.line.seen(agentId, answer.seen);
    this.options.onAnswer(slot, answer);
    return answer;
  }

  private receiveOfHost({ hostId, slots }: HostReach, message: Msg): void {
    const { line, coordination, reach, onAnswer } = this.options;
    const read = readHostAnswers(message, hostId, this.reading);
    if (read.kind === 'malformed') {
      for (const slot of slots) onAnswer(slot, read.answer);
      return;
    }
    for (const [agentId, answer] of read.answers) {
      const slot = reach.slotOf(agentId);
      // A host speaks for its own agents alone, and for those that were asked.
      if (slot === undefined || coordination.targets.agents[slot]!.host !== hostId) this.late();
      else {
        if (answer.seen) line.seen(agentId, answer.seen);
        onAnswer(slot, answer);
      }
    }
  }

  private undeliverable(slots: readonly number[]): Undeliverable {
    const { coordination, onAnswer } = this.options;
    const [first = 0] = slots;
    for (const slot of slots) {
      onAnswer(slot, { kind: 'undeliverable', agentId: coordination.targets.agents[slot]!.agentId });
    }
    return { kind: 'undeliverable', agentId: coordination.targets.agents[first]!.agentId };
  }

  private late(): void {
    this.options.line.replies.late += 1;
  }
}

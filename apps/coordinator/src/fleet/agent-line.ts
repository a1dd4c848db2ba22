import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { type MessageKind, NexusError, subjectOf, subjects } from '@nexus/contracts';
import {
  type Connection,
  type Conversation,
  encodeBody,
  failSpan,
  firstEvent,
  injectTrace,
  messagingAttributes,
  othersReturnMsMax,
  type ReplyInbox,
  tracer,
} from '@nexus/wire';
import { context, type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { type Coordination } from '../coordination/coordination.js';
import { type Deadline } from '../coordination/deadline.js';
import { type Answer, readAnswer } from './answer.js';

export interface AgentLineOptions {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  /** First token of every subject. */
  readonly prefix: string;
  /** This coordinator, as agents see it in `from`. */
  readonly self: string;
}

export interface Outgoing {
  readonly agentId: string;
  /** Tells the answer apart from the others of the exchange. */
  readonly slot: number;
  readonly body: Uint8Array;
}

/** Nobody listens on the agent's subject, so the message was never taken in. */
export interface Undeliverable {
  readonly kind: 'undeliverable';
  readonly agentId: string;
}

/** Called with each answer. */
export type OnAnswer = (slot: number, answer: Answer | Undeliverable) => void;

/** The line to the agents: messages out on their own subjects, answers in by slot. */
export class AgentLine {
  readonly replies: ReplyInbox;

  constructor(private readonly options: AgentLineOptions) {
    this.replies = options.replies;
  }

  /**
   * The message for agents, written once for all that get the same.
   * @throws NexusError `payload_too_large` when no message can carry it: what came as MessagePack may be longer here
   */
  encode(coordination: Coordination, kind: MessageKind, payload: unknown, attempt = 1): Uint8Array {
    const { bodyBytesMax } = this.options.connection;
    const body = encodeBody({
      coordinationId: coordination.id,
      kind,
      payload: payload ?? null,
      budgetMs: coordination.deadline.remainingMs,
      attempt,
      from: this.options.self,
      clock: coordination.clock,
    });
    if (body.length <= bodyBytesMax) return body;
    throw new NexusError(
      'payload_too_large',
      `the message for an agent has ${body.length} bytes as JSON, where the broker carries ${bodyBytesMax}`,
    );
  }

  /** Sends without asking for an answer. */
  tell(coordination: Coordination, agentId: string, body: Uint8Array): void {
    const { connection, prefix } = this.options;
    const subject = subjectOf(prefix, subjects.agent, { agentId });
    const headers = natsHeaders();
    const span = startSend(coordination, { prefix, subject, bytes: body.length, parent: context.active() });
    injectTrace(headers, trace.setSpan(context.active(), span));
    try {
      connection.publish(subject, body, { headers });
      coordination.noteSent(1);
    } catch (error) {
      failSpan(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Whether agents can be reached: connected, and long enough after an outage for them to be back as well. */
  get reachable(): boolean {
    const { connection } = this.options;
    return connection.connected && connection.sinceReconnectMs > othersReturnMsMax;
  }

  /** Calls `listener` when agents can be reached again; returns how to stop. */
  onReachable(listener: () => void): () => void {
    const { connection } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const waitForOthers = () => {
      clearTimeout(timer);
      timer = setTimeout(listener, othersReturnMsMax - connection.sinceReconnectMs + 1).unref();
    };
    const stop = connection.on((event) => {
      if (event === 'reconnected') waitForOthers();
    });
    if (connection.connected && !this.reachable) waitForOthers();
    return () => {
      clearTimeout(timer);
      stop();
    };
  }

  /**
   * Gives agents time to come back after an outage: whoever is asked earlier would count as absent. Half of what is
   * left of the budget at most, so that the rest is enough for those who are there.
   * @throws NexusError `unavailable` when there is no connection by then
   */
  async settle({ remainingMs }: Deadline): Promise<void> {
    if (this.reachable) return;
    const { connection } = this.options;
    const withinMs = remainingMs / 2;
    await firstEvent({ listen: ({ resolve }) => this.onReachable(resolve), withinMs, late: lineDown }).catch(
      (error: unknown) => {
        if (!connection.connected) throw error;
      },
    );
  }

  /** Waits until the broker has all that was told. */
  async flush(withinMs: number): Promise<void> {
    await this.options.connection.flush(withinMs);
  }

  /** Opens an exchange of messages that are to be answered. */
  open(coordination: Coordination, onAnswer: OnAnswer): Exchange {
    return new Exchange(this.options, coordination, onAnswer);
  }
}

/** Messages sent to agents on behalf of one coordination, and the answers to them. */
export class Exchange {
  private readonly conversation: Conversation;
  private readonly awaited = new Map<number, { agentId: string; span: Span | undefined }>();
  private readonly parent: Context = context.active();
  /** Headers for all messages when the trace is not recorded and no agent needs a span of its own. */
  private readonly sharedHeaders: MsgHdrs | undefined;

  constructor(
    private readonly options: AgentLineOptions,
    private readonly coordination: Coordination,
    private readonly onAnswer: OnAnswer,
  ) {
    this.conversation = options.replies.open((slot, message) => {
      const awaited = this.awaited.get(slot);
      if (!awaited) {
        options.replies.late += 1;
        return;
      }
      this.awaited.delete(slot);
      const answer =
        message === null
          ? { kind: 'undeliverable' as const, agentId: awaited.agentId }
          : readAnswer(message, awaited.agentId, options.connection.bodyBytesMax, coordination.parts.admit);
      endSend(awaited.span, answer);
      this.onAnswer(slot, answer);
    });
    if (!trace.getSpan(this.parent)?.isRecording()) {
      this.sharedHeaders = natsHeaders();
      injectTrace(this.sharedHeaders, this.parent);
    }
  }

  /**
   * Sends one message.
   * @throws NexusError `unavailable` while disconnected, `payload_too_large` over the broker's limit
   */
  send({ agentId, slot, body }: Outgoing): void {
    const subject = subjectOf(this.options.prefix, subjects.agent, { agentId });
    let span: Span | undefined;
    let headers = this.sharedHeaders;
    if (!headers) {
      headers = natsHeaders();
      const { prefix } = this.options;
      span = startSend(this.coordination, { prefix, subject, bytes: body.length, parent: this.parent });
      injectTrace(headers, trace.setSpan(this.parent, span));
    }
    try {
      this.options.connection.publish(subject, body, {
        headers,
        reply: this.conversation.replySubject(slot),
      });
    } catch (error) {
      if (span) failSpan(span, error);
      span?.end();
      throw error;
    }
    this.awaited.set(slot, { agentId, span });
    this.coordination.noteSent(1);
  }

  /** What has not been answered by now is late when it comes. */
  close(): void {
    this.conversation.close();
    for (const { span } of this.awaited.values()) {
      if (span) failSpan(span, new NexusError('deadline_exceeded', 'no answer before the deadline'));
      span?.end();
    }
    this.awaited.clear();
  }
}

const lineDown = () =>
  new NexusError('unavailable', 'the connection to NATS is down', { retryAfterMs: 1_000 });

function startSend(
  coordination: Coordination,
  message: { prefix: string; subject: string; bytes: number; parent: Context },
): Span {
  const template = `${message.prefix}.${subjects.agent}`;
  return tracer().startSpan(
    `send ${template}`,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        ...messagingAttributes('send', template, message.subject, message.bytes),
        'messaging.message.conversation_id': coordination.id,
      },
    },
    message.parent,
  );
}

function endSend(span: Span | undefined, answer: Answer | Undeliverable): void {
  if (!span) return;
  if (answer.kind === 'failed') failSpan(span, new NexusError(answer.code, answer.message));
  if (answer.kind === 'undeliverable') failSpan(span, new NexusError('unavailable', 'nobody listens'));
  span.end();
}

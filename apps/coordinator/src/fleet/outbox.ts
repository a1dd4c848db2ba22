import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { subjectOf, subjects } from '@nexus/contracts';
import { type Connection, failSpan, injectTrace, messagingAttributes, tracer } from '@nexus/wire';
import { context, type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { type Coordination } from '../coordination/coordination.js';

export interface OutboxOptions {
  readonly connection: Connection;
  /** First token of every subject. */
  readonly prefix: string;
}

export interface OutgoingMessage {
  readonly agentId: string;
  readonly body: Uint8Array;
  /** Where the answer is to go; without it none is asked for. */
  readonly reply?: string;
}

/** Messages to agents on behalf of one coordination, each with a span of its own where the trace is recorded. */
export class Outbox {
  private readonly parent: Context = context.active();
  /** Headers for all messages when the trace is not recorded and no agent needs a span of its own. */
  private readonly sharedHeaders: MsgHdrs | undefined;

  constructor(
    private readonly options: OutboxOptions,
    private readonly coordination: Coordination,
  ) {
    if (!trace.getSpan(this.parent)?.isRecording()) this.sharedHeaders = headersIn(this.parent);
  }

  /**
   * Sends one message.
   * @returns its span, for the caller to end
   * @throws NexusError `unavailable` while disconnected, `payload_too_large` over the broker's limit
   */
  send({ agentId, body, reply }: OutgoingMessage): Span | undefined {
    const { connection, prefix } = this.options;
    const subject = subjectOf(prefix, subjects.agent, { agentId });
    const span = this.sharedHeaders ? undefined : this.startSpan(subject, body.length);
    const headers = this.sharedHeaders ?? headersIn(span ? trace.setSpan(this.parent, span) : this.parent);
    try {
      connection.publish(subject, body, { headers, ...(reply !== undefined && { reply }) });
    } catch (error) {
      if (span) failSpan(span, error);
      span?.end();
      throw error;
    }
    this.coordination.noteSent();
    return span;
  }

  private startSpan(subject: string, bytes: number): Span {
    const template = `${this.options.prefix}.${subjects.agent}`;
    const attributes = {
      ...messagingAttributes('send', template, subject, bytes),
      'messaging.message.conversation_id': this.coordination.id,
    };
    return tracer().startSpan(`send ${template}`, { kind: SpanKind.CLIENT, attributes }, this.parent);
  }
}

function headersIn(parent: Context): MsgHdrs {
  const headers = natsHeaders();
  injectTrace(headers, parent);
  return headers;
}

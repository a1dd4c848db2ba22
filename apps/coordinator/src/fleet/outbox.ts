import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  type Encoding,
  failSpan,
  injectTrace,
  messagingAttributes,
  tracer,
} from '@nexus/wire';
import { context, type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { type Coordination } from '../coordination/coordination.js';
import { type Address, type AddressBook } from '@nexus/routes';
import { type Body } from './body.js';

export interface OutboxOptions {
  readonly connection: Connection;
  readonly addresses: AddressBook;
}

export interface OutgoingMessage {
  readonly agentId: string;
  readonly body: Body;
  /** Where the answer is to go; without it none is asked for. */
  readonly reply?: string;
}

/** A message to a subject that several agents may share. */
export interface SharedMessage extends Omit<OutgoingMessage, 'agentId'> {
  readonly to: Address;
}

/** Messages to agents on behalf of one coordination, each with a span of its own where the trace is recorded. */
export class Outbox {
  private readonly parent: Context = context.active();
  private readonly recording: boolean;
  /** Headers for all messages of one encoding when the trace is not recorded and no agent needs a span of its own. */
  private readonly shared: Partial<Record<Encoding, MsgHdrs>> = {};

  constructor(
    private readonly options: OutboxOptions,
    private readonly coordination: Coordination,
  ) {
    this.recording = trace.getSpan(this.parent)?.isRecording() ?? false;
  }

  /**
   * Sends one message to one agent.
   * @returns its span, for the caller to end
   * @throws NexusError `unavailable` while disconnected, `payload_too_large` over the broker's limit
   */
  send({ agentId, ...message }: OutgoingMessage): Span | undefined {
    return this.publish({ to: this.options.addresses.ofAgent(agentId), ...message });
  }

  /** The same to any address. */
  publish({ to, body, reply }: SharedMessage): Span | undefined {
    const { bytes, encoding } = body;
    const span = this.recording ? this.startSpan(to, bytes.length) : undefined;
    const headers = span
      ? headersIn(trace.setSpan(this.parent, span), encoding)
      : (this.shared[encoding] ??= headersIn(this.parent, encoding));
    try {
      this.options.connection.publish(to.subject, bytes, {
        headers,
        ...(reply !== undefined && { reply }),
      });
    } catch (error) {
      if (span) failSpan(span, error);
      span?.end();
      throw error;
    }
    this.coordination.noteSent();
    return span;
  }

  private startSpan({ template, subject }: Address, bytes: number): Span {
    const attributes = {
      ...messagingAttributes('send', template, subject, bytes),
      'messaging.message.conversation_id': this.coordination.id,
    };
    return tracer().startSpan(`send ${template}`, { kind: SpanKind.CLIENT, attributes }, this.parent);
  }
}

function headersIn(parent: Context, encoding: Encoding): MsgHdrs {
  const headers = natsHeaders();
  if (encoding !== 'json') headers.set(contentTypeHeader, contentTypeOf(encoding));
  injectTrace(headers, parent);
  return headers;
}

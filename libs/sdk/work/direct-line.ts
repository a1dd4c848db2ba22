import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import { NexusError, type PublicRoute } from '@nexus/contracts';
import { type Address, AddressBook } from '@nexus/routes';
import {
  type Connection,
  contentTypeHeader,
  contentTypeOf,
  encodeBody,
  type Encoding,
  failSpan,
  fitsField,
  messagingAttributes,
  recordsBelow,
  type ReplyInbox,
  traceHeaders,
  tracer,
} from '@nexus/wire';
import { type Context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { type WorkOrder } from './work-order.js';

export interface DirectLineOptions {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  /** First token of every subject. */
  readonly prefix: string;
  /** Who sends, as agents see it in `from`. */
  readonly from: string;
  /** The agent's row; undefined when it is not registered. */
  readonly find: (agentId: string) => PublicRoute | undefined;
}

/** A unit of work as it is sent to one agent. */
export interface Errand {
  readonly order: WorkOrder;
  /** Names the work to the agent. */
  readonly id: string;
  readonly agentId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  readonly budgetMs: number;
  readonly reply: string;
  /** The trace that it belongs to. */
  readonly parent: Context;
}

/** Where work leaves for agents: written once for each, at the agent's own subject. */
export class DirectLine {
  private readonly addresses: AddressBook;
  private readonly from: string;

  constructor(private readonly options: DirectLineOptions) {
    this.addresses = new AddressBook(options.prefix, options.find);
    this.from = JSON.stringify(options.from);
  }

  /** Where an agent is addressed. */
  subjectOf(agentId: string): string {
    return this.addresses.ofAgent(agentId).subject;
  }

  /**
   * Sends a unit of work.
   * @returns its span, for the caller to end, where anybody records
   * @throws NexusError `unavailable` while there is no connection, or it came back only now
   */
  send(errand: Errand): Span | undefined {
    const { connection } = this.options;
    if (!connection.steady) throw new NexusError('unavailable', 'the connection to NATS is down');
    const { agentId, order, parent, reply } = errand;
    const to = this.addresses.ofAgent(agentId);
    const encoding = this.encodingFor(agentId, order);
    const body = encoding === 'json' ? this.written(errand) : this.packed(errand);
    const span = recordsBelow(parent) ? startSpan(to, body.length, parent) : undefined;
    const headers = headersIn(span ? trace.setSpan(parent, span) : parent, encoding);
    try {
      connection.publish(to.subject, body, headers === undefined ? { reply } : { headers, reply });
    } catch (error) {
      if (span) failSpan(span, error);
      span?.end();
      throw error;
    }
    return span;
  }

  /** MessagePack has words that JSON has not: whoever reads it would refuse them, where JSON leaves them out. */
  private encodingFor(agentId: string, { parts }: WorkOrder): Encoding {
    return this.addresses.encodingOf(agentId) === 'msgpack' && fitsField(parts.payload) ? 'msgpack' : 'json';
  }

  /** Put together from what is written already: the payload goes to the coordinator in the same words. */
  private written({ order, id, attempt, budgetMs }: Errand): Uint8Array {
    return Buffer.from(
      `{"coordinationId":"${id}","kind":"task","payload":${order.text},"budgetMs":${budgetMs},` +
        `"attempt":${attempt},"from":${this.from}}`,
    );
  }

  private packed({ order, id, attempt, budgetMs }: Errand): Uint8Array {
    const { from } = this.options;
    const payload = order.parts.payload ?? null;
    return encodeBody({ coordinationId: id, kind: 'task', payload, budgetMs, attempt, from }, 'msgpack');
  }
}

function startSpan({ template, subject }: Address, bytes: number, parent: Context): Span {
  const attributes = messagingAttributes('send', template, subject, bytes);
  return tracer().startSpan(`send ${template}`, { kind: SpanKind.CLIENT, attributes }, parent);
}

/** What the body does not say itself; most messages need none. */
function headersIn(from: Context, encoding: Encoding): MsgHdrs | undefined {
  const headers = traceHeaders(from);
  if (encoding === 'json') return headers;
  const marked = headers ?? natsHeaders();
  marked.set(contentTypeHeader, contentTypeOf(encoding));
  return marked;
}

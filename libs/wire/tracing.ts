import { type MsgHdrs } from '@nats-io/transport-node';
import {
  type Attributes,
  context,
  type Context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { NexusError } from '@nexus/contracts';

const setter: TextMapSetter<MsgHdrs> = { set: (headers, key, value) => headers.set(key, value) };
const getter: TextMapGetter<MsgHdrs | undefined> = {
  get: (headers, key) => (headers?.has(key) ? headers.get(key) : undefined),
  keys: (headers) => headers?.keys() ?? [],
};

/** Writes the W3C trace context of `from` (by default the active one) into NATS headers. */
export const injectTrace = (headers: MsgHdrs, from: Context = context.active()): void =>
  propagation.inject(from, headers, setter);

/**
 * The trace context that NATS headers carry. A span that happens to be active where the connection was opened is no
 * parent of the messages that arrive on it.
 */
export const extractTrace = (headers: MsgHdrs | undefined): Context =>
  propagation.extract(trace.deleteSpan(context.active()), headers, getter);

/**
 * Attributes of a message by OpenTelemetry's messaging conventions.
 * @param template the subject with `{name}` for ids, so that names of spans stay few
 */
export function messagingAttributes(
  operation: 'send' | 'process',
  template: string,
  subject: string,
  bodyBytes: number,
): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
    'messaging.destination.name': subject,
    'messaging.destination.template': template,
    'messaging.message.body.size': bodyBytes,
  };
}

export const tracer = () => trace.getTracer('nexus');

/** Marks a span as failed by what was thrown. */
export function failSpan(span: Span, error: unknown): void {
  const fault = NexusError.from(error);
  span.setAttribute('error.type', fault.code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: fault.message });
}

/** Runs `work` inside a span of its own and ends it, whatever happens. */
export async function inSpan<T>(
  name: string,
  options: { kind?: SpanKind; attributes?: Attributes; parent?: Context },
  work: (span: Span) => Promise<T> | T,
): Promise<T> {
  const parent = options.parent ?? context.active();
  const span = tracer().startSpan(
    name,
    {
      kind: options.kind ?? SpanKind.INTERNAL,
      ...(options.attributes && { attributes: options.attributes }),
    },
    parent,
  );
  try {
    return await context.with(trace.setSpan(parent, span), work, undefined, span);
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

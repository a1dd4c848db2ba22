import { headers as natsHeaders, type MsgHdrs } from '@nats-io/transport-node';
import {
  type Attributes,
  context,
  type Context,
  INVALID_TRACEID,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
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

/** NATS headers with the trace context of `from`; none where it has nothing to carry. */
export function traceHeaders(from: Context): MsgHdrs | undefined {
  if (from === ROOT_CONTEXT) return undefined;
  const headers = natsHeaders();
  injectTrace(headers, from);
  return headers.keys().length === 0 ? undefined : headers;
}

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

let provider: TracerProvider | undefined;
let ours: Tracer = trace.getTracer('nexus');
/** Its spans are nothing: the process installed no OpenTelemetry. */
let oursIsMute = true;

/** The tracer of all spans of Nexus. It is asked for with every message, and the API makes a new one each time. */
export function tracer(): Tracer {
  const installed = installedProvider();
  if (installed !== provider) {
    provider = installed;
    ours = installed.getTracer('nexus');
    // Never ended, so that nobody records it.
    const probe = ours.startSpan('probe', { root: true }, ROOT_CONTEXT);
    oursIsMute = probe.spanContext().traceId === INVALID_TRACEID;
  }
  return ours;
}

/** The API hands out a provider that stands before the installed one, and stays the same when that changes. */
function installedProvider(): TracerProvider {
  const global: TracerProvider & { getDelegate?: () => TracerProvider } = trace.getTracerProvider();
  return global.getDelegate?.() ?? global;
}

/** A tracer may say that its spans are ids that nobody records; then their attributes need not be written. */
export interface IdTracer extends Tracer {
  readonly idsOnly: true;
}

/** Whether spans that begin below `parent` may be recorded: somebody records, and has not decided against this trace. */
export function recordsBelow(parent: Context): boolean {
  const current = tracer();
  if (oursIsMute || 'idsOnly' in current) return false;
  const above = trace.getSpanContext(parent);
  if (above === undefined || above.traceId === INVALID_TRACEID) return true;
  return (above.traceFlags & TraceFlags.SAMPLED) !== 0;
}

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

import {
  context,
  type Context,
  isSpanContextValid,
  type Span,
  type SpanOptions,
  trace,
  TraceFlags,
  type TracerProvider,
} from '@opentelemetry/api';
import { type IdTracer } from '@nexus/wire';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace-node';
import { StartingTracer } from './routed-provider.js';

const ids = new RandomIdGenerator();

/** Says that nobody records, so that nobody writes attributes for it. */
class SpanlessTracer extends StartingTracer implements IdTracer {
  readonly idsOnly = true;
}

const idTracer = new SpanlessTracer(startSpan);

/**
 * Spans that are nothing but ids: what a process without a collector needs, so that answers and logs name their trace
 * and a caller's decision to record reaches the services behind. Measured at less than half the cost of a span that
 * the SDK's samplers refuse.
 */
export const idTracerProvider: TracerProvider = { getTracer: () => idTracer };

function startSpan(_name: string, options: SpanOptions = {}, from: Context = context.active()): Span {
  const parent = options.root ? undefined : trace.getSpanContext(from);
  const spanId = ids.generateSpanId();
  if (parent === undefined || !isSpanContextValid(parent)) {
    return trace.wrapSpanContext({ traceId: ids.generateTraceId(), spanId, traceFlags: TraceFlags.NONE });
  }
  const { traceId, traceFlags, traceState } = parent;
  return trace.wrapSpanContext({ traceId, spanId, traceFlags, ...(traceState && { traceState }) });
}

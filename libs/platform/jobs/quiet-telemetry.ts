import { context, type Context, trace } from '@opentelemetry/api';
import { SpanKind, type Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';

type TelemetrySpan = ReturnType<Telemetry['tracer']['startSpan']>;

const nothing = () => undefined;
const mute: TelemetrySpan = {
  setSpanOnContext: (from: unknown) => from,
  setAttribute: nothing,
  setAttributes: nothing,
  addEvent: nothing,
  recordException: nothing,
  end: nothing,
};

/**
 * Traces of jobs: who adds one, and who works on it. What BullMQ does by itself, as to look for the next job every few
 * seconds, shows where it is part of a trace, and starts none of its own.
 */
export function quietTelemetry(tracerName: string): Telemetry {
  const telemetry: Telemetry = new BullMQOtel({ tracerName });
  return {
    contextManager: telemetry.contextManager,
    tracer: {
      startSpan: (name, options, from) =>
        options?.kind === SpanKind.INTERNAL &&
        trace.getSpan((from as Context | undefined) ?? context.active()) === undefined
          ? mute
          : telemetry.tracer.startSpan(name, options, from),
    },
  };
}

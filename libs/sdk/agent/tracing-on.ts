import { trace } from '@opentelemetry/api';

/** Whether anything records spans: where nothing does, the work of describing them is spared. */
export function tracingOn(): boolean {
  // The global provider passes on to the one that was installed, if there is one; any other records.
  const provider = trace.getTracerProvider() as { getDelegateTracer?: (name: string) => unknown };
  return !provider.getDelegateTracer || provider.getDelegateTracer('nexus') !== undefined;
}

import {
  context,
  type Context,
  type Span,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from '@opentelemetry/api';

/** Finds the provider whose service a context belongs to. */
export type ProviderOf = (from: Context) => TracerProvider;

/** The global provider of a process with several services: each span is made by the provider of its service. */
export class RoutedTracerProvider implements TracerProvider {
  constructor(private readonly providerOf: ProviderOf) {}

  getTracer(name: string, version?: string, options?: TracerOptions): Tracer {
    return new StartingTracer((spanName, spanOptions, from = context.active()) =>
      this.providerOf(from).getTracer(name, version, options).startSpan(spanName, spanOptions, from),
    );
  }
}

/** A tracer from the one function that makes its spans. */
export class StartingTracer implements Tracer {
  constructor(readonly startSpan: Tracer['startSpan']) {}

  startActiveSpan<F extends (span: Span) => unknown>(name: string, work: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    work: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    from: Context,
    work: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const [options, from, work] = normalise(rest);
    const span = this.startSpan(name, options, from);
    return context.with(trace.setSpan(from, span), () => work(span) as ReturnType<F>);
  }
}

function normalise<F>(rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]): [SpanOptions, Context, F] {
  if (rest.length === 1) return [{}, context.active(), rest[0]];
  if (rest.length === 2) return [rest[0], context.active(), rest[1]];
  return rest;
}

import { context, propagation, trace, type TracerProvider } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  NodeTracerProvider,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import {
  ATTR_SERVICE_INSTANCE_ID,
  ATTR_SERVICE_NAME,
  ATTR_SERVICE_VERSION,
} from '@opentelemetry/semantic-conventions';
import { idTracerProvider } from './id-provider.js';
import { MetricsPage } from './metrics-page.js';
import { RoutedTracerProvider } from './routed-provider.js';
import { displayName, ownerOf, type ServiceContext, type ServiceIdentity } from './service-context.js';
import { otlpProcessor, type ReportTrouble } from './span-export.js';

export interface TelemetryOptions extends ServiceIdentity {
  /** The version of Nexus that runs. */
  readonly version: string;
  /** Base URL of an OTLP/HTTP collector; nothing is recorded without. */
  readonly endpoint?: string | undefined;
  /** Share of the traces that begin here which is recorded, 0 to 1; 1 unless told. */
  readonly ratio?: number | undefined;
  /** Told, at most once a minute, why traces cannot be exported. */
  readonly report?: ReportTrouble;
}

export interface Telemetry {
  /** Whether spans leave the process. */
  readonly exporting: boolean;
  /** Sends what is waiting, as far as that works within the time (3 s unless told). Never throws. */
  flush(withinMs?: number): Promise<void>;
  /**
   * Sends what is waiting, as far as that works within the time (3 s unless told), and undoes the set-up. Never throws.
   * An export that did not end in time keeps the event loop busy for at most 6 s more: end the process by `exit`.
   */
  shutdown(withinMs?: number): Promise<void>;
}

/** Long values, as an error with a whole payload in it, would fill the export queue's memory. */
const attributeCharsMax = 2_048;
const flushTimeoutMs = 3_000;

let installed: InstalledTelemetry | undefined;

/**
 * Sets OpenTelemetry up for the process: context that follows async calls, W3C trace context, spans by service, and the
 * page that `serveMetrics` shows.
 * What runs outside any `ServiceContext` belongs to the service named here. A second call changes nothing and returns
 * the first one's handle, so that services composed into one process may each ask for it.
 */
export function installTelemetry(options: TelemetryOptions): Telemetry {
  installed ??= new InstalledTelemetry(options);
  return installed;
}

class InstalledTelemetry implements Telemetry {
  private readonly processor: SpanProcessor | undefined;
  private readonly page: MetricsPage;

  constructor(options: TelemetryOptions) {
    const { endpoint, report = () => undefined } = options;
    this.processor = endpoint === undefined ? undefined : otlpProcessor(endpoint, report);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(
      this.processor === undefined ? idTracerProvider : exportingProvider(options, this.processor),
    );
    this.page = MetricsPage.open(resourceOf(options, options.version));
  }

  get exporting(): boolean {
    return this.processor !== undefined;
  }

  async flush(withinMs = flushTimeoutMs): Promise<void> {
    await settledWithin(this.processor?.forceFlush(), withinMs);
  }

  async shutdown(withinMs = flushTimeoutMs): Promise<void> {
    if (installed !== this) return;
    installed = undefined;
    trace.disable();
    propagation.disable();
    context.disable();
    await settledWithin(this.page.shutdown(), withinMs);
    await settledWithin(this.processor?.shutdown(), withinMs);
  }
}

/** A provider a service, all with the one processor: one queue with one bound and one timer, however many services. */
function exportingProvider(options: TelemetryOptions, processor: SpanProcessor): TracerProvider {
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.ratio ?? 1) });
  const providerFor = (identity: ServiceIdentity) =>
    new NodeTracerProvider({
      resource: resourceOf(identity, options.version),
      sampler,
      spanProcessors: [processor],
      spanLimits: { attributeValueLengthLimit: attributeCharsMax },
    });

  const fallback = providerFor(options);
  // Weak, so that a service context that is dropped takes its provider along.
  const providers = new WeakMap<ServiceContext, TracerProvider>();
  return new RoutedTracerProvider((from) => {
    const owner = ownerOf(from);
    if (owner === undefined) return fallback;
    const known = providers.get(owner);
    if (known !== undefined) return known;
    const made = providerFor(owner.identity);
    providers.set(owner, made);
    return made;
  });
}

const resourceOf = ({ service, instanceId }: ServiceIdentity, version: string): Resource =>
  resourceFromAttributes({
    [ATTR_SERVICE_NAME]: displayName(service),
    [ATTR_SERVICE_INSTANCE_ID]: instanceId,
    [ATTR_SERVICE_VERSION]: version,
  });

/** Waits for work whose failure matters to nobody any more. */
async function settledWithin(work: Promise<void> | undefined, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([Promise.resolve(work).catch(() => undefined), late]);
  clearTimeout(timer);
}

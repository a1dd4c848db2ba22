import { type IncomingMessage, type ServerResponse } from 'node:http';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { type Resource } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { type MetricSource } from './metric.js';
import { MetricRegistry } from './metric-registry.js';
import { processMetrics } from './process-metrics.js';
import { type ServiceIdentity } from './service-context.js';

/** Of the process, like OpenTelemetry's own providers: services may publish before or without anybody reading. */
const registry = new MetricRegistry();

let current: MetricsPage | undefined;

/** The metrics of the process for Prometheus. Nothing is sent anywhere: who wants them comes for them. */
export class MetricsPage {
  private readonly exporter: PrometheusExporter;
  private readonly provider: MeterProvider;
  private readonly withdraw: () => void;

  private constructor(resource: Resource) {
    this.withdraw = registry.add(undefined, processMetrics);
    this.exporter = new PrometheusExporter({
      preventServerStart: true,
      withoutScopeInfo: true,
      metricProducers: [registry],
    });
    this.provider = new MeterProvider({ resource, readers: [this.exporter] });
    metrics.setGlobalMeterProvider(this.provider);
  }

  /** A process has one page: this one, until it is shut down. */
  static open(resource: Resource): MetricsPage {
    current = new MetricsPage(resource);
    return current;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.exporter.getMetricsRequestHandler(request, response);
  }

  async shutdown(): Promise<void> {
    if (current === this) current = undefined;
    this.withdraw();
    metrics.disable();
    await this.provider.shutdown();
  }
}

/**
 * Shows what a source tells on the page of the process, with the labels `service` and `node`; returns how to withdraw it.
 * It is read at each visit and never in between.
 */
export const publishMetrics = (identity: ServiceIdentity, source: MetricSource): (() => void) =>
  registry.add(identity, source);

/** Answers with the metrics of the process in Prometheus' text format; 503 before telemetry is installed. */
export function serveMetrics(request: IncomingMessage, response: ServerResponse): void {
  if (current) current.serve(request, response);
  else response.writeHead(503).end();
}

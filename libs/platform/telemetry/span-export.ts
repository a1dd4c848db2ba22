import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';

/** Told about trouble with the export of traces; never more than once a minute. */
export type ReportTrouble = (message: string) => void;

const exportTimeoutMs = 5_000;
const reportIntervalMs = 60_000;

/**
 * Exports in batches to an OTLP collector. Beyond 8,192 waiting spans new ones are dropped: traces must never hold
 * back the work that they describe.
 */
export const otlpProcessor = (endpoint: string, report: ReportTrouble): SpanProcessor =>
  new BatchSpanProcessor(
    new QuietExporter(
      new OTLPTraceExporter({
        url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
        timeoutMillis: exportTimeoutMs,
      }),
      (reason) => report(`traces cannot be exported to ${withoutCredentials(endpoint)}: ${reason}`),
    ),
    {
      maxQueueSize: 8_192,
      maxExportBatchSize: 512,
      scheduledDelayMillis: 1_000,
      exportTimeoutMillis: exportTimeoutMs + 1_000,
    },
  );

/** Turns failures of an exporter into a rare report: a collector that is down must not fill the log or throw. */
export class QuietExporter implements SpanExporter {
  private reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly inner: SpanExporter,
    private readonly report: ReportTrouble,
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.inner.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.complain(result.error);
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  async forceFlush(): Promise<void> {
    await this.inner.forceFlush?.().catch((error: unknown) => this.complain(error));
  }

  async shutdown(): Promise<void> {
    await this.inner.shutdown().catch((error: unknown) => this.complain(error));
  }

  private complain(error: unknown): void {
    const nowMs = performance.now();
    if (nowMs - this.reportedAtMs < reportIntervalMs) return;
    this.reportedAtMs = nowMs;
    this.report(error instanceof Error ? error.message || error.name : 'no reason given');
  }
}

const withoutCredentials = (endpoint: string) => {
  const { protocol, host, pathname } = new URL(endpoint);
  return `${protocol}//${host}${pathname}`;
};

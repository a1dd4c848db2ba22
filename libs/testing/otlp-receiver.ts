import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { z } from 'zod';
import { renderSpanTree } from './span-tree.js';

export type ReceivedKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type ReceivedStatus = 'unset' | 'ok' | 'error';
export type AttributeValue = string | number | boolean | readonly AttributeValue[] | null;

/** A span as a collector sees it. */
export interface ReceivedSpan {
  /** `service.name` of the process that made it. */
  readonly service: string;
  /** `service.instance.id`; empty when it was not sent. */
  readonly instanceId: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent on the root of a trace. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: ReceivedKind;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly status: ReceivedStatus;
  readonly statusMessage: string | undefined;
  readonly startedAtNs: bigint;
  readonly endedAtNs: bigint;
}

export interface OtlpReceiverOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** How many spans are kept, the newest; 50,000 unless told. */
  readonly spansMax?: number;
}

const bodyBytesMax = 32 * 1_024 * 1_024;
const kinds: readonly ReceivedKind[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
const statuses: readonly ReceivedStatus[] = ['unset', 'ok', 'error'];
const unzip = promisify(gunzip);

/** An OTLP/HTTP collector on the loopback that keeps what it is sent, for tests that assert whole traces. */
export class OtlpReceiver {
  private kept: ReceivedSpan[] = [];
  private readonly arrivals = new Set<() => void>();
  /** Requests that were not OTLP/JSON. */
  malformed = 0;

  private constructor(
    private readonly server: Server,
    private readonly spansMax: number,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.take(request, response);
    });
  }

  static async start({ port = 0, spansMax = 50_000 }: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server, spansMax);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return receiver;
  }

  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The spans kept, of one trace or of all, in order of arrival. */
  spans(traceId?: string): readonly ReceivedSpan[] {
    return traceId === undefined ? [...this.kept] : this.kept.filter((span) => span.traceId === traceId);
  }

  /**
   * Waits until the spans of a trace satisfy the predicate, and returns them. Spans come out of order and in batches, so
   * "all have come" is for the test to say.
   * @throws Error with the tree of what came, when the time is over
   */
  async waitForTrace(
    traceId: string,
    isComplete: (spans: readonly ReceivedSpan[]) => boolean,
    timeoutMs = 10_000,
  ): Promise<readonly ReceivedSpan[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const spans = this.spans(traceId);
      if (isComplete(spans)) return spans;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        throw new Error(
          `trace ${traceId} is not as awaited after ${timeoutMs} ms:\n${renderSpanTree(spans) || '(no span)'}`,
        );
      }
      await this.nextArrival(leftMs);
    }
  }

  /** The trace as indented text; see `renderSpanTree`. */
  renderTree(traceId: string): string {
    return renderSpanTree(this.spans(traceId));
  }

  clear(): void {
    this.kept = [];
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private nextArrival(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.arrivals.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.arrivals.add(done);
    });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.method !== 'POST' || request.url !== '/v1/traces') {
        response.writeHead(404).end();
        return;
      }
      const body = await readBody(request);
      this.keep(parseTraces(JSON.parse(body.toString('utf8'))));
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    } catch {
      this.malformed += 1;
      response.writeHead(400).end();
    }
  }

  private keep(spans: readonly ReceivedSpan[]): void {
    this.kept.push(...spans);
    if (this.kept.length > this.spansMax) this.kept.splice(0, this.kept.length - this.spansMax);
    for (const arrival of [...this.arrivals]) arrival();
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new RangeError('the body is too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip'
    ? unzip(body, { maxOutputLength: bodyBytesMax })
    : body;
}

const keyValue = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()).optional() });
const nanoseconds = z.union([z.string(), z.number()]).transform(BigInt);

const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(keyValue).default([]) }).optional(),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string(),
              spanId: z.string(),
              parentSpanId: z.string().optional(),
              name: z.string(),
              kind: z.int().default(0),
              startTimeUnixNano: nanoseconds,
              endTimeUnixNano: nanoseconds,
              attributes: z.array(keyValue).default([]),
              status: z.object({ code: z.int().default(0), message: z.string().optional() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

function parseTraces(body: unknown): ReceivedSpan[] {
  return tracesSchema.parse(body).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const about = plain(resource?.attributes ?? []);
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map((span) => ({
        service: String(about['service.name'] ?? ''),
        instanceId: String(about['service.instance.id'] ?? ''),
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: kinds[span.kind] ?? 'unspecified',
        attributes: plain(span.attributes),
        status: statuses[span.status?.code ?? 0] ?? 'unset',
        statusMessage: span.status?.message,
        startedAtNs: span.startTimeUnixNano,
        endedAtNs: span.endTimeUnixNano,
      }));
  });
}

const plain = (attributes: readonly z.infer<typeof keyValue>[]): Record<string, AttributeValue> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value ?? {})]));

/** OTLP writes a value as an object with one member that names its type. */
function plainValue(value: Readonly<Record<string, unknown>>): AttributeValue {
  const [type, inner] = Object.entries(value)[0] ?? [];
  switch (type) {
    case 'stringValue':
      return String(inner);
    case 'boolValue':
      return inner === true;
    case 'intValue':
    case 'doubleValue':
      return Number(inner);
    case 'arrayValue':
      return arraySchema.parse(inner).values.map(plainValue);
    default:
      return null;
  }
}

const arraySchema = z.object({ values: z.array(z.record(z.string(), z.unknown())).default([]) });

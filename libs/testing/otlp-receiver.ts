import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parseTraces, type ReceivedSpan } from './received-span.js';
import { renderSpanTree } from './span-tree.js';

export interface OtlpReceiverOptions {
  /** How many spans are kept, the newest; 50,000 unless told. */
  readonly spansMax?: number;
}

const bodyBytesMax = 32 * 1_024 * 1_024;
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

  static async start({ spansMax = 50_000 }: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
    const server = createServer();
    const receiver = new OtlpReceiver(server, spansMax);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
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

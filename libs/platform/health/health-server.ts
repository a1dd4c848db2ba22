import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo } from 'node:net';
import { NexusError } from '@nexus/contracts';

/** Resolves while what it looks at works; its error is the reason why not. */
export type HealthCheck = () => Promise<void> | void;

export interface HealthServerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** The address to listen on; `0.0.0.0` for every one, as container engines need that probe from outside. */
  readonly host: string;
  /** What must work before requests may come, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** What else is shown, by its path. */
  readonly pages?: Readonly<Record<string, RequestListener>>;
}

interface CheckResult {
  readonly status: 'up' | 'down';
  readonly message?: string;
}

interface Answer {
  readonly status: number;
  readonly body: object;
}

const checkTimeoutMs = 1_000;
const requestTimeoutMs = 5_000;
const connectionsMax = 64;

/**
 * Answers `/health/live` (the process turns) and `/health/ready` (send it requests) for container engines. Liveness
 * looks at nothing outside: restarting a service does not repair its broker.
 */
export class HealthServer {
  private ready = true;
  /** A probe that comes while another runs gets the same answer, so that probes cannot pile up on a slow check. */
  private running: Promise<Record<string, CheckResult>> | undefined;

  private constructor(
    private readonly server: Server,
    private readonly checks: HealthServerOptions['checks'],
    private readonly pages: NonNullable<HealthServerOptions['pages']>,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const page = this.pageOf(request);
      if (page) page(request, response);
      else void this.answer(request).then(({ status, body }) => send(response, status, body));
    });
  }

  /** @throws NexusError `unavailable` when the port is taken */
  static async start({ port, host, checks, pages = {} }: HealthServerOptions): Promise<HealthServer> {
    const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs });
    server.maxConnections = connectionsMax;
    const health = new HealthServer(server, checks, pages);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause) =>
        reject(
          new NexusError('unavailable', `the health endpoint cannot listen on ${host}:${port}`, { cause }),
        ),
      );
      server.listen(port, host, resolve);
    });
    // A connection that cannot be accepted (no file handle left) is the prober's failure, not the process's end.
    server.on('error', () => undefined);
    return health;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** `false` while draining: no new requests are wanted, though everything works. */
  setReady(ready: boolean): void {
    this.ready = ready;
  }

  /** Stops at once; a probe that is under way is cut off. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private pageOf(request: IncomingMessage): RequestListener | undefined {
    const path = pathOf(request);
    return reads(request) && Object.hasOwn(this.pages, path) ? this.pages[path] : undefined;
  }

  private async answer(request: IncomingMessage): Promise<Answer> {
    if (!reads(request)) return { status: 405, body: { status: 'error' } };
    const path = pathOf(request);
    if (path === '/health/live') return { status: 200, body: { status: 'up' } };
    if (path === '/health/ready') return this.readiness();
    return { status: 404, body: { status: 'error' } };
  }

  private async readiness(): Promise<Answer> {
    this.running ??= runChecks(this.checks).finally(() => {
      this.running = undefined;
    });
    const checks = await this.running;
    const allUp = Object.values(checks).every(({ status }) => status === 'up');
    const status = !this.ready ? 'draining' : allUp ? 'up' : 'down';
    return { status: status === 'up' ? 200 : 503, body: { status, checks } };
  }
}

const reads = ({ method }: IncomingMessage) => method === 'GET' || method === 'HEAD';
const pathOf = ({ url = '' }: IncomingMessage) => url.split('?', 1)[0]!;

async function runChecks(checks: HealthServerOptions['checks']): Promise<Record<string, CheckResult>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const),
  );
  return Object.fromEntries(results);
}

async function runCheck(check: HealthCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(
      () => resolve({ status: 'down', message: `no answer within ${checkTimeoutMs} ms` }),
      checkTimeoutMs,
    );
  });
  const done = (async (): Promise<CheckResult> => {
    await check();
    return { status: 'up' };
  })().catch((error: unknown): CheckResult => ({
    status: 'down',
    message: error instanceof Error ? error.message : String(error),
  }));
  const result = await Promise.race([done, late]);
  clearTimeout(timer);
  return result;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

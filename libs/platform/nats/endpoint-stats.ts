import { type Endpoint, type NexusError } from '@nexus/contracts';

/** One endpoint's figures, in the units of `$SRV.STATS`. */
export class EndpointStats {
  requests = 0;
  errors = 0;
  lastError = '';
  /** Sum over all requests, in nanoseconds. */
  processingNs = 0;

  constructor(
    readonly endpoint: Endpoint,
    readonly subject: string,
    /** Null where the subject is this process's own. */
    readonly queue: string | null,
  ) {}

  record(durationMs: number, error?: NexusError): void {
    this.requests += 1;
    this.processingNs += Math.round(durationMs * 1e6);
    if (!error) return;
    this.errors += 1;
    this.lastError = `${error.status}:${error.message}`;
  }
}

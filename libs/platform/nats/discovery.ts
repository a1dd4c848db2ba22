import { type Msg, type Subscription } from '@nats-io/transport-node';
import { type Connection, encodeBody, isReplySubject } from '@nexus/wire';
import { type LineHealth } from './connection-pool.js';
import { type Drops } from './drops.js';
import { type EndpointStats } from './endpoint-stats.js';
import { type ShownFigures } from './shown-figures.js';

/** How a service introduces itself. */
export interface ServiceIdentity {
  /** As `nexus-routing`. */
  readonly name: string;
  /** Unique to the process. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
  readonly description: string;
}

/**
 * Answers `$SRV.PING`, `$SRV.INFO` and `$SRV.STATS`, for all, for the name and for the id, so that `nats micro list`
 * shows the service like any other. Source: NATS ADR-32.
 */
export class Discovery {
  private subscriptions: Subscription[] = [];
  private readonly startedAt = new Date().toISOString();

  constructor(
    private readonly connection: Connection,
    private readonly identity: ServiceIdentity,
    private readonly figures: {
      readonly stats: readonly EndpointStats[];
      readonly drops: Drops;
      readonly shown: ShownFigures;
      readonly connections: () => Readonly<Record<string, LineHealth>>;
    },
  ) {}

  listen(): void {
    const { name, id } = this.identity;
    const verbs = { PING: () => this.ping(), INFO: () => this.info(), STATS: () => this.statistics() };
    for (const [verb, answer] of Object.entries(verbs)) {
      for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`]) {
        this.subscriptions.push(
          this.connection.subscribe(subject, (message) => this.answer(message, answer())),
        );
      }
    }
  }

  close(): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  private answer(message: Msg, body: unknown): void {
    if (!message.reply || !this.connection.connected) return;
    if (isReplySubject(message.reply)) this.connection.publish(message.reply, encodeBody(body));
    else this.figures.drops.foreignReply += 1;
  }

  private head(kind: 'ping' | 'info' | 'stats') {
    const { name, id, version } = this.identity;
    return { type: `io.nats.micro.v1.${kind}_response`, name, id, version, metadata: {} };
  }

  private ping() {
    return this.head('ping');
  }

  private info() {
    return {
      ...this.head('info'),
      description: this.identity.description,
      endpoints: this.figures.stats.map(({ endpoint, subject, queue }) => ({
        name: endpoint.name,
        subject,
        ...(queue !== null && { queue_group: queue }),
        metadata: { summary: endpoint.summary },
      })),
    };
  }

  private statistics() {
    const { drops, shown, connections } = this.figures;
    const lines = connections();
    const lateAnswers = Object.values(lines).reduce((sum, { lateReplies }) => sum + lateReplies, 0);
    return {
      ...this.head('stats'),
      started: this.startedAt,
      data: {
        ...shown.read(),
        drops: { ...drops.figures(), lateAnswers },
        refusals: drops.refusals(),
        connections: lines,
      },
      endpoints: this.figures.stats.map((stats) => ({
        name: stats.endpoint.name,
        subject: stats.subject,
        queue_group: stats.endpoint.service,
        num_requests: stats.requests,
        num_errors: stats.errors,
        last_error: stats.lastError,
        processing_time: stats.processingNs,
        average_processing_time: stats.requests === 0 ? 0 : Math.round(stats.processingNs / stats.requests),
      })),
    };
  }
}

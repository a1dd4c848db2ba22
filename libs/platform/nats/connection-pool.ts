import { Caller, Connection, type ConnectOptions, ReplyInbox } from '@nexus/wire';

/**
 * What a connection is for. On one socket everything waits behind everything: a heartbeat behind a gather from 10,000
 * agents, a request behind a reply of megabytes.
 *
 * - `requests`: the service's own subjects, and its questions to other services. Always open.
 * - `control`: gossip, the decision log, route changes: small, and late is as good as lost.
 * - `agents`: messages to agents and their answers: many at once.
 * - `bulk`: what is large and in no hurry: snapshots, large results in parts.
 */
export const connectionClasses = ['requests', 'control', 'agents', 'bulk'] as const;
export type ConnectionClass = (typeof connectionClasses)[number];

/** A connection with the inbox of its own where what is asked on it is answered. */
export interface Line {
  readonly connection: Connection;
  readonly replies: ReplyInbox;
  readonly caller: Caller;
}

export interface PoolOptions {
  /** As the service connects; other classes are named after it, as `coordinator-1/agents`. */
  readonly connect: ConnectOptions;
  /** First token of every subject. */
  readonly prefix: string;
  /** `single` has one connection for all classes. */
  readonly mode: 'pooled' | 'single';
  /** Told of each connection as it is opened. */
  readonly onOpen?: (connection: Connection, of: ConnectionClass) => void;
}

/** How one connection is. */
export interface LineHealth {
  readonly connected: boolean;
  readonly outboundBytes: number;
  readonly slowConsumers: number;
  /** Replies that came after nobody waited for them any more. */
  readonly lateReplies: number;
}

/** What large and late things leave by first; the goodbyes of gossip go last. */
const closingOrder: readonly ConnectionClass[] = ['bulk', 'agents', 'requests', 'control'];

/**
 * A service's connections to NATS, one a class, so that none starves another. Each is opened when it is first asked
 * for: a service pays for what it uses.
 */
export class ConnectionPool {
  private readonly lines = new Map<ConnectionClass, Promise<Line>>();
  /** Those that are open. */
  private readonly open = new Map<ConnectionClass, Line>();

  private constructor(private readonly options: PoolOptions) {}

  /** @throws NexusError `unavailable` when NATS cannot be reached, `unauthorized` when it refuses */
  static async start(options: PoolOptions): Promise<ConnectionPool> {
    const pool = new ConnectionPool(options);
    await pool.line('requests');
    return pool;
  }

  /** The line that the service's own subjects are on. */
  get requests(): Line {
    return this.open.get('requests')!;
  }

  /**
   * The line of a class, opened if it is not yet. In `single` mode that of requests.
   * @throws NexusError as `start`; the next one who asks tries again
   */
  line(of: ConnectionClass): Promise<Line> {
    const kept = this.options.mode === 'single' ? 'requests' : of;
    const known = this.lines.get(kept);
    if (known !== undefined) return known;
    const opening = this.connect(kept);
    this.lines.set(kept, opening);
    opening.catch(() => this.lines.delete(kept));
    return opening;
  }

  /** Whether all that are open are connected. */
  get connected(): boolean {
    return this.connections.every(({ connected }) => connected);
  }

  /** All that are open. */
  get connections(): readonly Connection[] {
    return [...this.open.values()].map(({ connection }) => connection);
  }

  /** Of each that is open. */
  health(): Readonly<Partial<Record<ConnectionClass, LineHealth>>> {
    return Object.fromEntries(
      [...this.open].map(([of, { connection, replies }]) => {
        const { connected, outboundBytes, slowConsumers } = connection;
        return [of, { connected, outboundBytes, slowConsumers, lateReplies: replies.late }];
      }),
    );
  }

  /** Closes one after the other, each once what it had to send is on its way. */
  async close(): Promise<void> {
    // One that is being opened would outlive us.
    await Promise.allSettled(this.lines.values());
    for (const of of closingOrder) await this.open.get(of)?.connection.close();
  }

  private async connect(of: ConnectionClass): Promise<Line> {
    const { connect, prefix, onOpen } = this.options;
    const name = of === 'requests' ? connect.name : `${connect.name}/${of}`;
    const connection = await Connection.open({ ...connect, name });
    const replies = new ReplyInbox(connection);
    const line = { connection, replies, caller: new Caller(connection, replies, prefix) };
    this.open.set(of, line);
    onOpen?.(connection, of);
    return line;
  }
}

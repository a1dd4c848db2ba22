import { NexusError } from '@nexus/contracts';
import { Connection } from '@nexus/wire';

export interface PeerConnectionOptions {
  readonly natsServers: string | readonly string[];
  readonly natsUser?: string | undefined;
  readonly natsPassword?: string | undefined;
}

/** The connection that replicas have for themselves: however many requests come, no heartbeat waits behind them. */
export class PeerConnection {
  private constructor(readonly connection: Connection) {}

  /** @throws NexusError `unavailable` when NATS cannot be reached */
  static async open(
    { natsServers, natsUser, natsPassword }: PeerConnectionOptions,
    name: string,
  ): Promise<PeerConnection> {
    const credentials = {
      ...(natsUser !== undefined && { user: natsUser }),
      ...(natsPassword !== undefined && { pass: natsPassword }),
    };
    return new PeerConnection(
      await Connection.open({
        servers: natsServers,
        name,
        ...(natsUser !== undefined && { auth: credentials }),
      }),
    );
  }

  assertConnected(): void {
    if (!this.connection.connected) {
      throw new NexusError('unavailable', 'the connection to the other replicas is down');
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

import { Logger } from '@nestjs/common';
import { type BaseConfig } from '@nexus/platform/service';
import { Connection } from '@nexus/wire';

export type MeshConnectionConfig = Pick<BaseConfig, 'natsServers' | 'natsUser' | 'natsPassword'>;

/** The connection that gossip has for itself: however many requests come, no heartbeat waits behind them. */
export class MeshConnection {
  private constructor(readonly connection: Connection) {
    const logger = new Logger('Mesh');
    connection.on((event, detail) => {
      if (event !== 'closed') logger.warn(`NATS ${event} ${detail}`);
    });
  }

  /** @throws NexusError `unavailable` when NATS cannot be reached */
  static async open(config: MeshConnectionConfig, incarnation: string): Promise<MeshConnection> {
    const { natsServers: servers, natsUser: user, natsPassword: pass } = config;
    const auth = user === undefined ? undefined : { user, ...(pass !== undefined && { pass }) };
    const name = `${incarnation} mesh`;
    return new MeshConnection(await Connection.open({ servers, name, ...(auth && { auth }) }));
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

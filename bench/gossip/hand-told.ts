import { Connection } from '@nexus/wire';

const subject = 'bench-news';

/** One message that all have subscribed to: the least that telling so many can take, and lost for who is away. */
export class HandTold {
  private changes = 0;
  private heard: (value: number) => void = () => undefined;

  private constructor(private readonly connections: readonly Connection[]) {}

  static async start(natsUrl: string, count: number): Promise<HandTold> {
    const names = Array.from({ length: count }, (_, at) => `listener-${at}`);
    const connections = await Promise.all(names.map((name) => Connection.open({ servers: natsUrl, name })));
    const told = new HandTold(connections);
    for (const connection of connections) {
      connection.subscribe(subject, ({ data }) => told.heard(Number(Buffer.from(data).toString())));
    }
    await Promise.all(connections.map((connection) => connection.flush()));
    return told;
  }

  /** Resolves when all have it. */
  spread(): Promise<void> {
    this.changes += 1;
    const value = this.changes;
    return new Promise((resolve) => {
      let missing = this.connections.length;
      this.heard = (told) => {
        if (told !== value) return;
        missing -= 1;
        if (missing === 0) resolve();
      };
      this.connections[value % this.connections.length]!.publish(subject, Buffer.from(String(value)));
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
  }
}

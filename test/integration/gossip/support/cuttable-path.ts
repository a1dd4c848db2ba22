import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A way to a server that a test can cut, as a failing network does: what is open breaks, and nothing new opens. */
export class CuttablePath {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (from) => this.join(from));
  }

  static async to(url: string): Promise<CuttablePath> {
    const server = createServer();
    const path = new CuttablePath(server, new URL(url));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return path;
  }

  get url(): string {
    return `${this.target.protocol}//127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  heal(): void {
    this.isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(from: Socket): void {
    if (this.isCut) {
      from.destroy();
      return;
    }
    const to = connect(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}

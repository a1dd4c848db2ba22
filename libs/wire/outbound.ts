import { type Socket } from 'node:net';
import { type NatsConnection } from '@nats-io/transport-node';

/** What of the client's inside is read here; a test on a real server tells when a new version has it no more. */
interface ClientInside {
  readonly protocol?: {
    readonly outbound?: { size(): number };
    readonly transport?: { readonly socket?: Socket };
  };
}

/**
 * Bytes that were published and that the kernel has not taken yet. The client keeps them without bound: in its own
 * buffer until the end of the turn, then in the socket's for as long as the broker reads no faster.
 */
export function outboundBytesOf(nats: NatsConnection): number {
  const { protocol } = nats as unknown as ClientInside;
  return (protocol?.outbound?.size() ?? 0) + (protocol?.transport?.socket?.writableLength ?? 0);
}

/**
 * Lets what is published within one turn of the event loop leave by one write. The client writes whenever a microtask
 * has published something; of replies that become ready one after the other each would be a system call, and those are the
 * most of what a busy service does.
 */
export class TurnWrites {
  private held: Socket | undefined;

  constructor(private readonly nats: NatsConnection) {}

  /** To be called before something is published. */
  begin(): void {
    if (this.held !== undefined) return;
    const socket = (this.nats as unknown as ClientInside).protocol?.transport?.socket;
    if (socket === undefined) return;
    socket.cork();
    this.held = socket;
    // Behind what has been read in this turn, and before anything else is waited for.
    setImmediate(() => {
      this.held = undefined;
      socket.uncork();
    });
  }
}

import { type Socket } from 'node:net';
import { type NatsConnection } from '@nats-io/transport-node';

/** What of the client's inside is read here; a test on a real server tells when a new version has it no more. */
interface ClientInside {
  readonly protocol?: {
    readonly outbound?: { size(): number };
    readonly transport?: { readonly socket?: Socket };
    flushPending?(): void;
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

/** Messages that wait for the end of a turn at most: whoever is to get them begins while the rest is being made. */
const heldMax = 32;

/**
 * Lets what is published within one turn of the event loop leave by few writes. The client writes whenever a microtask
 * has published something; of replies that become ready one after the other each would be a system call, and those are the
 * most of what a busy service does. Nor does a long turn keep everything to its end, as the client would.
 */
export class TurnWrites {
  private socket: Socket | undefined;
  private held = 0;

  constructor(private readonly nats: NatsConnection) {}

  /** To be called before something is published. */
  begin(): void {
    if (this.socket !== undefined) {
      this.held += 1;
      if (this.held > heldMax) this.letGo(this.socket);
      return;
    }
    const { protocol } = this.nats as unknown as ClientInside;
    const socket = protocol?.transport?.socket;
    if (socket === undefined) return;
    socket.cork();
    this.socket = socket;
    this.held = 1;
    // Behind what has been read in this turn, and before anything else is waited for.
    setImmediate(() => {
      this.socket = undefined;
      socket.uncork();
    });
  }

  private letGo(socket: Socket): void {
    this.held = 1;
    (this.nats as unknown as ClientInside).protocol?.flushPending?.();
    socket.uncork();
    socket.cork();
  }
}

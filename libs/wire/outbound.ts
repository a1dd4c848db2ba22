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
  const { protocol } = insideOf(nats);
  return (protocol?.outbound?.size() ?? 0) + (protocol?.transport?.socket?.writableLength ?? 0);
}

/**
 * Messages after which a turn writes before its end: whoever is to get them begins while the rest is being made. Each
 * write of a turn carries twice what the one before did, so that a long turn has few.
 */
const firstWriteMessages = 32;
const laterWriteMessagesMax = 128;
/** The same for messages that are large. */
const writeBytesMax = 32_768;

/**
 * Lets what is published within one turn of the event loop leave by few writes. The client writes whenever a microtask
 * has published something; of replies that become ready one after the other each would be a system call, and those are the
 * most of what a busy service does. Nor does a long turn keep everything to its end, as the client would.
 */
export class TurnWrites {
  /** Held back until the turn is over; undefined when nothing was published in it. */
  private socket: Socket | undefined;
  private held = 0;
  private heldBytes = 0;
  private heldMax = firstWriteMessages;

  constructor(private readonly nats: NatsConnection) {}

  /** To be called before so many bytes are published. */
  begin(bytes: number): void {
    if (this.socket === undefined) this.hold();
    else if (this.held >= this.heldMax || this.heldBytes >= writeBytesMax) this.write(this.socket);
    this.held += 1;
    this.heldBytes += bytes;
  }

  private hold(): void {
    const socket = insideOf(this.nats).protocol?.transport?.socket;
    if (socket === undefined) return;
    socket.cork();
    this.socket = socket;
    this.held = 0;
    this.heldBytes = 0;
    this.heldMax = firstWriteMessages;
    // Behind what has been read in this turn, and before anything else is waited for.
    setImmediate(() => {
      this.socket = undefined;
      socket.uncork();
    });
  }

  private write(socket: Socket): void {
    // The client keeps what is published in a buffer of its own until then.
    insideOf(this.nats).protocol?.flushPending?.();
    socket.uncork();
    socket.cork();
    this.held = 0;
    this.heldBytes = 0;
    this.heldMax = Math.min(laterWriteMessagesMax, 2 * this.heldMax);
  }
}

const insideOf = (nats: NatsConnection) => nats as unknown as ClientInside;

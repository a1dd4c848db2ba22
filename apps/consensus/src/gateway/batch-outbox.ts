import { type Drops } from '@nexus/platform/nats';
import { type Connection } from '@nexus/wire';
import { batchItemsMax, encodeBatch } from './batch-codec.js';

/** What sends batches. */
export interface SendingConnection extends Pick<Connection, 'bodyBytesMax'> {
  publish(subject: string, body: Uint8Array): void;
}

/** Where a batch goes, and how it begins. */
export interface Destination {
  readonly subject: string;
  readonly head: Uint8Array;
}

interface Pending {
  readonly destination: Destination;
  items: Uint8Array[];
  bytes: number;
}

const overheadBytes = 16;
const batchBytesMax = 512 * 1_024;

/** Gathers what goes to one place within one turn of the process, and sends it in as few messages as it fits in. */
export class BatchOutbox {
  private readonly pending = new Map<Destination, Pending>();
  private flushing = false;

  constructor(
    private readonly connection: SendingConnection,
    private readonly drops: Drops,
  ) {}

  /** @returns whether it can be carried at all; who sends it away then may never hear of it again all the same */
  add(destination: Destination, item: Uint8Array): boolean {
    const { bodyBytesMax } = this.connection;
    if (destination.head.length + item.length > bodyBytesMax - overheadBytes) return false;
    const bytesMax = Math.min(batchBytesMax, bodyBytesMax) - overheadBytes;
    let pending = this.pending.get(destination);
    if (pending === undefined) {
      pending = { destination, items: [], bytes: destination.head.length };
      this.pending.set(destination, pending);
    }
    const isFull = pending.bytes + item.length > bytesMax || pending.items.length >= batchItemsMax;
    if (pending.items.length > 0 && isFull) this.send(pending);
    pending.items.push(item);
    pending.bytes += item.length;
    if (!this.flushing) setImmediate(() => this.flush());
    this.flushing = true;
    return true;
  }

  private flush(): void {
    this.flushing = false;
    for (const pending of this.pending.values()) this.send(pending);
    this.pending.clear();
  }

  /** What cannot go is lost, and counted: whoever asked asks again. */
  private send(pending: Pending): void {
    const { destination, items } = pending;
    pending.items = [];
    pending.bytes = destination.head.length;
    try {
      this.connection.publish(destination.subject, encodeBatch(destination.head, items));
    } catch {
      // The connection is down, or about to be closed.
      this.drops.undeliveredInternal += 1;
    }
  }
}

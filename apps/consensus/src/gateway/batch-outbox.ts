import { type Drops } from '@nexus/platform/nats';
import { type Connection } from '@nexus/wire';
import { encodeBatch } from './batch-codec.js';

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
    private readonly connection: Connection,
    private readonly drops: Drops,
  ) {}

  add(destination: Destination, item: Uint8Array): void {
    const bytesMax = Math.min(batchBytesMax, this.connection.bodyBytesMax) - overheadBytes;
    let pending = this.pending.get(destination);
    if (pending === undefined) {
      pending = { destination, items: [], bytes: destination.head.length };
      this.pending.set(destination, pending);
    }
    if (pending.items.length > 0 && pending.bytes + item.length > bytesMax) this.send(pending);
    pending.items.push(item);
    pending.bytes += item.length;
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(() => this.flush());
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

import { Buffer } from 'node:buffer';
import { open, type RootDatabase } from 'lmdb';

/**
 * Frames kept in LMDB, as durably as the product keeps its log, and nothing else. One transaction at a time; what comes
 * meanwhile is the next one.
 */
export class DurableLog {
  private readonly database: RootDatabase<Buffer, number>;
  private waiting: Uint8Array[] = [];
  private waiters: (() => void)[] = [];
  private running = false;
  private transaction = 0;

  constructor(path: string) {
    this.database = open<Buffer, number>({
      path,
      noSubdir: true,
      encoding: 'binary',
      cache: false,
      overlappingSync: false,
      eventTurnBatching: false,
    });
  }

  /** Calls `durable` once the frame, and all before it, would survive a power failure. */
  append(frame: Uint8Array, durable: () => void): void {
    this.waiting.push(frame);
    this.waiters.push(durable);
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const { waiting, waiters } = this;
      this.waiting = [];
      this.waiters = [];
      this.transaction += 1;
      await this.database.put(this.transaction, Buffer.concat(waiting));
      await this.database.flushed;
      for (const durable of waiters) durable();
    }
    this.running = false;
  }
}

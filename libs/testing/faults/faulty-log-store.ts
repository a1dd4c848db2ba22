import { NexusError } from '@nexus/contracts';
import { type DurableState, type LogStore, type Write } from '@nexus/core/raft';
import { gate } from '../gate.js';

/**
 * A store whose disk fails or hangs when the test says so. Made around a real one; with `InMemoryLogStore` it is fast
 * enough for a test that fails in many places.
 */
export class FaultyLogStore implements LogStore {
  private failure: NexusError | null = null;
  private hang: ReturnType<typeof gate> | null = null;

  constructor(private readonly store: LogStore) {}

  get storeId(): string {
    return this.store.storeId;
  }

  load(): Promise<DurableState> {
    return this.store.load();
  }

  /** From now on every write is rejected, and nothing of it stored. There is no way back. */
  fail(why = 'no space left on device'): void {
    this.failure = new NexusError('unavailable', `the log cannot be written: ${why}`);
  }

  /** From now on writes wait. */
  stall(): void {
    this.hang ??= gate();
  }

  /** The writes that wait go on, in order. */
  resume(): void {
    this.hang?.open();
    this.hang = null;
  }

  async write(write: Write): Promise<void> {
    await this.hang?.opened;
    if (this.failure !== null) throw this.failure;
    await this.store.write(write);
  }

  async stage(image: Uint8Array): Promise<void> {
    await this.hang?.opened;
    if (this.failure !== null) throw this.failure;
    await this.store.stage(image);
  }

  async close(): Promise<void> {
    this.resume();
    await this.store.close();
  }
}

import { type DurableState, type LogStore, type Write } from '@nexus/core/raft';
import { type MemberRecord, type SimulatedDisk } from '@nexus/testing';

/** What a disk is given: the write, and whom to tell. */
export interface DiskRecord {
  readonly write: Write;
  readonly durable: () => void;
}

interface SimulatedLogStoreOptions {
  readonly record: MemberRecord;
  readonly disk: SimulatedDisk<DiskRecord>;
  /** Hands over an event of the disk to the process, which may be paused. */
  readonly post: (event: () => void) => void;
  /** A write is about to begin. */
  readonly writing: (write: Write, isOwnImage: boolean) => void;
}

interface Settlement {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** The disk said that it failed; any other reason to stop is a mistake of the replica. */
export class DiskFault extends Error {}

/** One life's hold on a disk that outlives it. */
export class SimulatedLogStore implements LogStore {
  private readonly pending = new Set<Settlement>();
  private readonly staged = new Set<Uint8Array>();
  private failure: DiskFault | null = null;

  constructor(private readonly options: SimulatedLogStoreOptions) {}

  get hasFailed(): boolean {
    return this.failure !== null;
  }

  get storeId(): string {
    return this.options.record.host;
  }

  load(): Promise<DurableState> {
    return Promise.resolve(this.options.record.restart());
  }

  write(write: Write): Promise<void> {
    const { record, disk, writing } = this.options;
    if (this.failure !== null) return Promise.reject(this.failure);
    writing(write, write.snapshot !== undefined && this.staged.delete(write.snapshot.image));
    record.issue(write);
    return this.whenDone((durable) => disk.write({ write, durable }));
  }

  /** After the writes that are under way, and like them. */
  stage(image: Uint8Array): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.staged.add(image);
    const nothing: Write = { sequence: 0, append: [] };
    return this.whenDone((durable) => this.options.disk.write({ write: nothing, durable }));
  }

  fail(reason: string): void {
    this.failure ??= new DiskFault(reason);
    const { failure } = this;
    for (const { reject } of this.pending) this.options.post(() => reject(failure));
    this.pending.clear();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private whenDone(begin: (durable: () => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settlement = { resolve, reject };
      this.pending.add(settlement);
      begin(() => {
        if (this.pending.delete(settlement)) this.options.post(resolve);
      });
    });
  }
}

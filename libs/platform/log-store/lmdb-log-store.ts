import { assert } from '@nexus/core/invariant';
import { type DurableState, type LogStore, type Write } from '@nexus/core/raft';
import { type DataDirLock, prepareDataDir } from '@nexus/platform/servers';
import { GroupCommit } from './group-commit.js';
import { type LmdbFile } from './lmdb-file.js';
import { type Bounds, boundsAfter } from './log-bounds.js';
import { openingFault, openLog, takeLock } from './open-log.js';
import { closed, unwritable } from './log-store-fault.js';
import { type NetChange } from './net-change.js';
import { type StoredLog } from './read-log.js';
import { type RecordLayout } from './record-layout.js';
import { headKey, sealJson } from './record.js';
import { type StoredHead } from './stored-head.js';
import { chunkKeys, recordOf, type SnapshotRecord, type ValueAt } from './stored-snapshot.js';

export interface LmdbLogStoreOptions {
  /** Of this store alone; made when it is missing. */
  readonly directory: string;
  /**
   * Entries and snapshot, in bytes; 4 GiB unless told. A write beyond it fails as on a full disk. The file is larger:
   * up to twice that, while a snapshot is replaced.
   */
  readonly bytesMax?: number;
}

const bytesMaxDefault = 4 * 1_024 ** 3;
const closeTimeoutMs = 5_000;

/** Keeps the log in one LMDB file. */
export class LmdbLogStore implements LogStore {
  private readonly commits = new GroupCommit((change) => this.commit(change));
  private head: StoredHead;
  private snapshot: SnapshotRecord | null;
  private readonly layout: RecordLayout;
  /** Where the log will end once all writes so far are durable. */
  private bounds: Bounds;
  private loaded: DurableState | null;
  readonly storeId: string;

  private constructor(
    private readonly options: Required<LmdbLogStoreOptions>,
    private readonly lock: DataDirLock,
    private readonly file: LmdbFile,
    log: StoredLog,
  ) {
    this.storeId = log.storeId;
    this.head = log.head;
    this.snapshot = log.snapshot;
    this.layout = log.layout;
    this.bounds = log.head.bounds;
    this.loaded = log.state;
  }

  /**
   * Takes the directory and reads what is in it.
   * @throws NexusError `conflict` when a living process holds the directory, `internal` when what is stored is damaged,
   *   `invalid_argument` when the directory cannot be used, `unavailable` when the system refuses, as on a full disk
   */
  static async open({ directory, bytesMax = bytesMaxDefault }: LmdbLogStoreOptions): Promise<LmdbLogStore> {
    const path = await prepareDataDir(directory);
    let lock: DataDirLock | undefined;
    try {
      lock = await takeLock(path);
      const { file, log } = await openLog(path);
      return new LmdbLogStore({ directory: path, bytesMax }, lock, file, log);
    } catch (error) {
      await lock?.release();
      throw openingFault(path, error);
    }
  }

  /** Hands over what `open` has read. */
  load(): Promise<DurableState> {
    const state = this.loaded;
    assert(state !== null, 'a log is loaded once');
    this.loaded = null;
    return Promise.resolve(state);
  }

  write(write: Write): Promise<void> {
    this.bounds = boundsAfter(this.bounds, write);
    return this.commits.write(write);
  }

  /**
   * Ends what is under way. A write that hangs in the kernel is left to the end of the process, and the lock with it:
   * until then nobody else may have the directory.
   */
  async close(): Promise<void> {
    this.commits.refuse(closed(this.options.directory));
    if (!(await within(closeTimeoutMs, this.commits.idle()))) return;
    await this.file.close();
    await this.lock.release();
  }

  private async commit(change: NetChange): Promise<void> {
    try {
      await this.store(change);
    } catch (cause) {
      throw unwritable(this.options.directory, cause);
    }
  }

  private async store(change: NetChange): Promise<void> {
    const removals = this.layout.cut(change);
    const values: ValueAt[] = [];
    if (change.snapshot !== undefined) {
      removals.push(...(this.snapshot === null ? [] : chunkKeys(this.snapshot)));
      const stored = recordOf(change.snapshot);
      values.push(...stored.values);
      this.snapshot = stored.record;
    }
    values.push(...this.layout.append(change.append));
    this.refuseBeyondLimit();
    this.head = {
      transaction: this.head.transaction + 1,
      hardState: change.hardState ?? this.head.hardState,
      bounds: boundsAfter(this.head.bounds, change),
    };
    await this.file.commit(this.head.transaction, { removals, values, head: sealJson(headKey, this.head) });
  }

  private refuseBeyondLimit(): void {
    const bytes = this.layout.bytes + (this.snapshot?.imageBytes ?? 0);
    const { bytesMax } = this.options;
    if (bytes > bytesMax)
      throw new Error(`entries and snapshot of ${bytes} bytes exceed the limit of ${bytesMax}`);
  }
}

/** Whether the work ended in time. */
async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(resolve, timeoutMs, false)));
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

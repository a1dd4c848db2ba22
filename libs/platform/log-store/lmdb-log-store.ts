import { assert } from '@nexus/core/invariant';
import { type DurableState, type LogStore, type Write } from '@nexus/core/raft';
import { type DataDirLock, prepareDataDir } from '@nexus/platform/servers';
import { type Garbage } from './garbage.js';
import { GroupCommit } from './group-commit.js';
import { type Changes, type LmdbFile } from './lmdb-file.js';
import { type Bounds, boundsAfter } from './log-bounds.js';
import { openingFault, openLog, takeLock } from './open-log.js';
import { closed, unwritable } from './log-store-fault.js';
import { type NetChange } from './net-change.js';
import { type StoredLog } from './read-log.js';
import { type RecordLayout } from './record-layout.js';
import { entriesKey, headKey, sealJson } from './record.js';
import { type StoredHead } from './stored-head.js';
import {
  chunkKeys,
  ImageChunks,
  recordOf,
  type SnapshotRecord,
  type StoredImage,
  type ValueAt,
  valueOf,
} from './stored-snapshot.js';

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
/** Records that one transaction removes of what is no longer needed. */
const removalsAtOnce = 512;

/** Keeps the log in one LMDB file. */
export class LmdbLogStore implements LogStore {
  private readonly commits = new GroupCommit((change) => this.commit(change));
  private head: StoredHead;
  private snapshot: SnapshotRecord | null;
  /** Stored ahead of the write that makes it the snapshot. */
  private staged: ImageChunks | null = null;
  private lastImage: number;
  private readonly garbage: Garbage;
  private collecting = false;
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
    this.lastImage = log.lastImage;
    this.garbage = log.garbage;
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
      const store = new LmdbLogStore({ directory: path, bytesMax }, lock, file, log);
      store.collectGarbage();
      return store;
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

  stage(image: Uint8Array): Promise<void> {
    return this.commits.inParts(this.orUnwritableInParts(this.stageInParts(image)));
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
    await this.orUnwritable(this.store(change));
    this.collectGarbage();
  }

  private async store(change: NetChange): Promise<void> {
    const values: ValueAt[] = [];
    const replaced = change.snapshot === undefined ? null : this.snapshot;
    if (change.snapshot !== undefined) {
      this.snapshot = recordOf(change.snapshot, await this.storedImage(change.snapshot.image));
      values.push(valueOf(this.snapshot));
    }
    const { atOnce, later } = this.layout.cut(change);
    values.push(...this.layout.append(change.append));
    this.refuseBeyondLimit();
    const { transaction } = this.head;
    const hardState = change.hardState ?? this.head.hardState;
    await this.transact(
      { removals: atOnce.map(entriesKey), values },
      { transaction, hardState, bounds: boundsAfter(this.head.bounds, change) },
    );
    if (replaced !== null) this.discard(replaced.image);
    this.garbage.add(later, entriesKey);
  }

  /** Takes what is staged; an image that is not, as one that came from another member, is stored now. */
  private async storedImage(image: Uint8Array): Promise<StoredImage> {
    if (this.staged?.image !== image) for (const part of this.stageInParts(image)) await part;
    const { stored } = this.staged!;
    this.staged = null;
    return stored;
  }

  private *stageInParts(image: Uint8Array): Generator<Promise<void>> {
    const chunks = new ImageChunks(++this.lastImage, image);
    for (const values of chunks.parts()) yield this.transact({ removals: [], values });
    if (this.staged !== null) this.discard(this.staged.stored);
    this.staged = chunks;
  }

  private discard(image: StoredImage): void {
    this.garbage.add(chunkKeys(image), (key) => key);
  }

  /** In parts as well: to free thousands of records at once takes as long as to write them. */
  private collectGarbage(): void {
    if (this.collecting || this.garbage.isEmpty) return;
    this.collecting = true;
    // A failure is told to whoever writes next; after a close the next start finds what is left.
    this.commits.inParts(this.orUnwritableInParts(this.removeInParts())).catch(() => undefined);
  }

  private *removeInParts(): Generator<Promise<void>> {
    while (!this.garbage.isEmpty) {
      yield this.transact({ removals: this.garbage.take(removalsAtOnce), values: [] });
    }
    this.collecting = false;
  }

  private transact(changes: Omit<Changes, 'head'>, head = this.head): Promise<void> {
    this.head = { ...head, transaction: this.head.transaction + 1 };
    return this.file.commit(this.head.transaction, { ...changes, head: sealJson(headKey, this.head) });
  }

  private *orUnwritableInParts(parts: Iterable<Promise<void>>): Generator<Promise<void>> {
    for (const part of parts) yield this.orUnwritable(part);
  }

  private async orUnwritable(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (cause) {
      throw unwritable(this.options.directory, cause);
    }
  }

  private refuseBeyondLimit(): void {
    const bytes = this.layout.bytes + (this.snapshot?.image.bytes ?? 0);
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

import { Buffer } from 'node:buffer';
import { open, type RootDatabase } from 'lmdb';
import { fillBlock, FileSpace } from './file-space.js';
import { chunksFrom, entriesFrom, headKey } from './record.js';
import { type ValueAt } from './stored-snapshot.js';

/** What one transaction does, all of it or nothing: removals first. */
export interface Changes {
  readonly removals: readonly Buffer[];
  readonly values: readonly ValueAt[];
  readonly head: Buffer;
}

/** Reserved as addresses, not as memory or disk: the file grows beyond it too, only with a new mapping each time. */
const mapBytes = 256 * 1_024 * 1_024;

/**
 * The LMDB environment in one file. LMDB writes a transaction to pages that no earlier one uses, flushes them
 * (fdatasync), and only then writes, through a descriptor opened with O_DSYNC, the one page that makes them current. So
 * what was acknowledged survives `kill -9` (the kernel has it) and a power failure (the disk has it), and what was not
 * is not seen. Never set here: `noSync`, `noMetaSync`, `mapAsync`, `useWritemap`. `overlappingSync`, which is on unless
 * told, publishes a transaction before its flush, and takes no notice when the last write of that flush fails.
 */
export class LmdbFile {
  private constructor(
    private readonly database: RootDatabase<Uint8Array, Buffer>,
    private readonly space: FileSpace,
  ) {}

  static async open(path: string): Promise<LmdbFile> {
    await fillBlock(lockPath(path));
    const database = open<Uint8Array, Buffer>({
      path,
      noSubdir: true,
      mapSize: mapBytes,
      encoding: 'binary',
      keyEncoding: 'binary',
      useVersions: true,
      cache: false,
      overlappingSync: false,
      // A transaction starts when it is handed over: grouping is done above.
      eventTurnBatching: false,
    });
    return new LmdbFile(database, await FileSpace.of(path, () => usedBytes(database)));
  }

  get(key: Buffer): Buffer | undefined {
    return this.database.getBinary(key);
  }

  /** The version of the head record, 0 when there is none. */
  get transaction(): number {
    return this.database.getEntry(headKey)?.version ?? 0;
  }

  /** Of the chunks of all images, in order. */
  chunkKeys(): Buffer[] {
    const range = { start: chunksFrom, end: entriesFrom };
    return [...this.database.getKeys(range).map((key) => Buffer.from(key))];
  }

  /** The records of entries, in order. */
  *entries(): Generator<{ readonly key: Buffer; readonly value: Buffer }> {
    // Keys first: a cursor left open would keep pages from being used again.
    const keys = [...this.database.getKeys({ start: entriesFrom }).map((key) => Buffer.from(key))];
    for (const key of keys) {
      const value = this.get(key);
      if (value !== undefined) yield { key, value };
    }
  }

  /** The first transaction, on the caller's time. */
  initialise(values: readonly ValueAt[], head: Buffer): void {
    this.database.transactionSync(() => {
      for (const { key, value } of values) this.database.putSync(key, value, 0);
      this.database.putSync(headKey, head, 1);
    });
  }

  /**
   * Makes the changes durable in a thread of their own, provided that transaction number `transaction - 1` was the last
   * one. The directory lock keeps others out, but two containers that share a volume do not see each other's processes:
   * should two of them write, the first write of one makes every write of the other fail.
   */
  async commit(transaction: number, { removals, values, head }: Changes): Promise<void> {
    const { database } = this;
    const room = this.space.provide(bytesAtMost({ removals, values, head }));
    // Without waiting for nothing: the transaction is to begin within the turn that wants it.
    if (room !== null) await room;
    const committed = await this.settled(
      database.ifVersion(headKey, transaction - 1, () => {
        for (const key of removals) void database.remove(key);
        for (const { key, value } of values) void database.put(key, value, 0);
        void database.put(headKey, head, transaction);
      }),
    );
    if (!committed) throw new Error('another process has written to it');
    await database.flushed;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.space.close();
  }

  /**
   * lmdb rejects with a generic error whose `commitError` is a further promise, rejected with the cause. Nobody but us
   * listens to it.
   */
  private async settled(commit: Promise<boolean>): Promise<boolean> {
    try {
      return await commit;
    } catch (error) {
      const { commitError } = error as { readonly commitError?: Promise<unknown> };
      await commitError;
      throw error;
    }
  }
}

/** Of LMDB's readers and writers; the first to open the file makes it anew. */
export const lockPath = (path: string): string => `${path}-lock`;

/** As large as on any machine that is in use. */
const pageBytes = 16_384;

/** A value takes whole pages, and two of the tree at most: its neighbours are written with it. */
export const bytesAtMost = ({ removals, values, head }: Changes): number =>
  values.reduce((sum, { value }) => sum + value.length + 2 * pageBytes, head.length) +
  (removals.length + 1) * pageBytes;

/** The pages so far, the way from the root to the leaves, and the list of free pages, which a commit may write anew. */
function usedBytes(database: RootDatabase<Uint8Array, Buffer>): number {
  const { lastPageNumber, pageSize } = database.getStats() as {
    readonly lastPageNumber: number;
    readonly pageSize: number;
  };
  const bytes = (lastPageNumber + 1) * pageSize;
  return bytes + bytes / 256 + 64 * pageSize;
}

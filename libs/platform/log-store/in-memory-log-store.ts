import {
  type DurableState,
  type Entry,
  type HardState,
  type LogStore,
  type Snapshot,
  type Write,
} from '@nexus/core/raft';
import { GroupCommit } from './group-commit.js';
import { type Bounds, boundsAfter } from './log-bounds.js';
import { closed, held } from './log-store-fault.js';
import { type NetChange, removeFrom, removeUpTo } from './net-change.js';
import { blankHardState } from './stored-head.js';
import { newStoreId } from './store-id.js';

const name = 'memory';

/** What outlives an `InMemoryLogStore`, as a disk outlives a process. */
export class InMemoryLog {
  readonly storeId = newStoreId();
  hardState: HardState = blankHardState;
  snapshot: Snapshot | null = null;
  readonly entries: Entry[] = [];
  isHeld = false;
}

/** Keeps the log for the life of the process only: for tests, and for a group that may forget everything at once. */
export class InMemoryLogStore implements LogStore {
  private readonly commits = new GroupCommit((change) => this.commit(change));
  private bounds: Bounds;

  private constructor(private readonly log: InMemoryLog) {
    const first = log.entries[0]?.index ?? 1;
    this.bounds = { first, last: first + log.entries.length - 1 };
  }

  /** @throws NexusError `conflict` when another store holds the log */
  static open(log = new InMemoryLog()): Promise<InMemoryLogStore> {
    if (log.isHeld) return Promise.reject(held(name, String(process.pid)));
    log.isHeld = true;
    return Promise.resolve(new InMemoryLogStore(log));
  }

  get storeId(): string {
    return this.log.storeId;
  }

  load(): Promise<DurableState> {
    const { hardState, snapshot, entries } = this.log;
    return Promise.resolve({ hardState, snapshot, entries: [...entries] });
  }

  write(write: Write): Promise<void> {
    this.bounds = boundsAfter(this.bounds, write);
    return this.commits.write(write);
  }

  /** As `write`: nothing is faster than a turn. What is staged is the image itself. */
  stage(): Promise<void> {
    return this.commits.inParts([new Promise<void>((resolve) => setImmediate(resolve))].values());
  }

  async close(): Promise<void> {
    this.commits.refuse(closed(name));
    await this.commits.idle();
    this.log.isHeld = false;
  }

  /** Not within the call that asks for it: a disk is never that fast, and no caller may rely on it. */
  private async commit(change: NetChange): Promise<void> {
    await new Promise(setImmediate);
    const { log } = this;
    log.hardState = change.hardState ?? log.hardState;
    log.snapshot = change.snapshot ?? log.snapshot;
    removeUpTo(log.entries, change.compactTo);
    removeFrom(log.entries, change.truncateFrom);
    for (const entry of change.append) log.entries.push(entry);
  }
}

import { type Write } from '@nexus/core/raft';
import { NetChange } from './net-change.js';

interface Settlement {
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Group {
  readonly change: NetChange;
  readonly settlement: Settlement;
}

/** Work that is done in parts; each step begins one. */
export type Parts = Iterator<Promise<void>>;

interface SideWork {
  readonly parts: Parts;
  readonly settlement: Settlement;
}

/**
 * One transaction at a time; the writes that come meanwhile become the next one. So a disk that flushes slowly is given
 * larger transactions, not a longer queue of them. How much may wait is bounded by who writes: Raft has a limit on
 * uncommitted bytes and on appends in flight. What is large and can wait is done in parts, one between two transactions.
 */
export class GroupCommit {
  private waiting: Group | null = null;
  private readonly beside: SideWork[] = [];
  private running: Promise<void> | null = null;
  private failure: Error | null = null;

  /** @param commit resolves when the change is durable; called again only after it has settled */
  constructor(private readonly commit: (change: NetChange) => Promise<void>) {}

  /** All writes of a group share its promise. Once a commit has failed, so does every later write. */
  write(write: Write): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const group = (this.waiting ??= { change: new NetChange(), settlement: newSettlement() });
    group.change.add(write);
    this.running ??= this.run();
    return group.settlement.done;
  }

  /** Does the parts beside the writes, after what was begun so before. Given up when no write is taken any more. */
  inParts(parts: Parts): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const settlement = newSettlement();
    this.beside.push({ parts, settlement });
    this.running ??= this.run();
    return settlement.done;
  }

  /** Ends what was begun: resolves when nothing is under way any more, also when it failed. */
  async idle(): Promise<void> {
    while (this.running !== null) await this.running;
  }

  /** No write is taken from now on. */
  refuse(error: Error): void {
    this.failure ??= error;
  }

  private async run(): Promise<void> {
    while (this.waiting !== null || this.beside.length > 0) {
      await this.commitGroup();
      await this.doPart();
    }
    this.running = null;
  }

  private async commitGroup(): Promise<void> {
    const group = this.take();
    if (group === null) return;
    try {
      await this.commit(group.change);
      group.settlement.resolve();
    } catch (error) {
      group.settlement.reject(error);
      this.fail(error);
    }
  }

  private async doPart(): Promise<void> {
    const [work] = this.beside;
    if (work === undefined) return;
    try {
      if (this.failure !== null) throw this.failure;
      const part = work.parts.next();
      if (part.done !== true) {
        await part.value;
        return;
      }
      work.settlement.resolve();
    } catch (error) {
      work.settlement.reject(error);
      if (error !== this.failure) this.fail(error);
    }
    this.beside.shift();
  }

  /** What waits is not written either: nobody knows what the disk has. */
  private fail(error: unknown): void {
    this.refuse(error as Error);
    this.take()?.settlement.reject(error);
  }

  private take(): Group | null {
    const group = this.waiting;
    this.waiting = null;
    return group;
  }
}

function newSettlement(): Settlement {
  let resolve: Settlement['resolve'] | undefined;
  let reject: Settlement['reject'] | undefined;
  const done = new Promise<void>((...settle) => ([resolve, reject] = settle));
  return { done, resolve: resolve!, reject: reject! };
}

import { type Write } from '@nexus/core/raft';
import { NetChange } from './net-change.js';

interface Group {
  readonly change: NetChange;
  readonly done: Promise<void>;
  readonly settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
}

/**
 * One transaction at a time; the writes that come meanwhile become the next one. So a disk that flushes slowly is given
 * larger transactions, not a longer queue of them. How much may wait is bounded by who writes: Raft has a limit on
 * uncommitted bytes and on appends in flight.
 */
export class GroupCommit {
  private waiting: Group | null = null;
  private running: Promise<void> | null = null;
  private failure: Error | null = null;

  /** @param commit resolves when the change is durable; called again only after it has settled */
  constructor(private readonly commit: (change: NetChange) => Promise<void>) {}

  /** All writes of a group share its promise. Once a commit has failed, so does every later write. */
  write(write: Write): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const group = (this.waiting ??= newGroup());
    group.change.add(write);
    this.running ??= this.run();
    return group.done;
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
    for (let group = this.take(); group !== null; group = this.take()) {
      try {
        await this.commit(group.change);
        group.settle.resolve();
      } catch (error) {
        this.refuse(error as Error);
        group.settle.reject(error);
        this.take()?.settle.reject(error);
      }
    }
    this.running = null;
  }

  private take(): Group | null {
    const group = this.waiting;
    this.waiting = null;
    return group;
  }
}

function newGroup(): Group {
  let settle: Group['settle'] | undefined;
  const done = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { change: new NetChange(), done, settle: settle! };
}

import { setTimeout as pause } from 'node:timers/promises';
import { NexusError } from '@nexus/contracts';
import { ChildServer, type ServerExit } from './child-server.js';
import { type Log } from './kind.js';
import type { Launch } from './launch.js';
import { birthOf } from './process-table.js';
import { type ProcessRecord, removeRecord, writeRecord } from './record-file.js';

export interface SupervisedProcessOptions {
  /** Names it for people, as `nats-server` or `consensus-1`. */
  readonly name: string;
  /** What a person wants to know of it when it is back, as `on port 4222`. */
  readonly place?: string;
  /** What to run; asked anew for each start. */
  readonly launch: () => Promise<Launch>;
  /** Whether this very child serves now. */
  readonly isReady: (child: ChildServer) => Promise<boolean>;
  readonly logPath: string;
  /** The file by which a later run finds it, should this one be killed. */
  readonly recordPath: string;
  /** What that file tells beside the process itself. */
  readonly remember?: Partial<ProcessRecord>;
  /** Clears away what a process leaves that was halted. */
  readonly afterHalt?: () => Promise<void>;
  /** Whether an unexpected end is followed by a new start. */
  readonly supervise: boolean;
  readonly log: Log;
  /** How long a start may take, in milliseconds. */
  readonly readyTimeoutMs: number;
  /** How long it may take to end when it is asked to, in milliseconds. */
  readonly stopGraceMs: number;
  /** How often a start is looked at, in milliseconds. Default 10. */
  readonly probeIntervalMs?: number;
  /** Gives up a start that is under way. */
  readonly signal?: AbortSignal;
}

const backoffMsMin = 100;
const backoffMsMax = 5_000;
/** Whoever served for so long did not fail by starting: the next start need not wait. */
const stableMs = 10_000;

/** Also an exit that skips `stop`, as by an uncaught error, leaves nothing behind. */
const endedWithUs = new Set<SupervisedProcess>();
const endAll = () => {
  for (const supervised of endedWithUs) supervised.kill('SIGTERM');
};

/** A process that is kept running until it is stopped: one that ends unexpectedly is started again. */
export class SupervisedProcess {
  /** Resolves when the process is down for good: stopped, or ended without supervision. */
  readonly exited: Promise<ServerExit>;

  private child: ChildServer | undefined;
  /** Whether it should be up; what ends while it should not has been told to. */
  private wanted = true;
  private settleExited: (exit: ServerExit) => void = () => undefined;
  /** One start, stop or restart at a time. */
  private turn: Promise<void> = Promise.resolve();
  private readyAt = 0;
  /** What the next start after an unexpected end waits; grows while starts are followed by ends. */
  private backoffMs = 0;

  private constructor(private readonly options: SupervisedProcessOptions) {
    this.exited = new Promise((resolve) => {
      this.settleExited = resolve;
    });
  }

  /**
   * Starts the process and waits until it serves.
   * @throws NexusError `unavailable` when it does not
   */
  static async start(options: SupervisedProcessOptions): Promise<SupervisedProcess> {
    const supervised = new SupervisedProcess(options);
    if (endedWithUs.size === 0) process.once('exit', endAll);
    endedWithUs.add(supervised);
    const giveUp = () => void supervised.stop();
    options.signal?.addEventListener('abort', giveUp, { once: true });
    try {
      options.signal?.throwIfAborted();
      await supervised.inTurn(() => supervised.launch());
    } catch (error) {
      await supervised.stop();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', giveUp);
    }
    return supervised;
  }

  /** Of the running process; undefined while there is none. */
  get pid(): number | undefined {
    return this.child?.running === true ? this.child.pid : undefined;
  }

  /** Signals the process as a fault would; whether there was one. Under supervision it comes back. */
  kill(signal: NodeJS.Signals): boolean {
    return this.child?.kill(signal) ?? false;
  }

  /** Stops the process for good and waits until it has ended. */
  async stop(): Promise<void> {
    this.wanted = false;
    // A start under way fails at once then, instead of being waited for.
    this.child?.askToEnd();
    await this.inTurn(async () => {
      await this.halt();
      endedWithUs.delete(this);
      if (endedWithUs.size === 0) process.removeListener('exit', endAll);
      this.settleExited({ code: 0, signal: null });
    });
  }

  /** Stops the process if it runs, and starts it again. */
  async restart(): Promise<void> {
    await this.inTurn(async () => {
      this.wanted = false;
      await this.halt();
      this.wanted = true;
      await this.launch();
    });
  }

  private async launch(): Promise<void> {
    const { name, logPath, recordPath, readyTimeoutMs, isReady, remember, probeIntervalMs } = this.options;
    const child = await ChildServer.spawn(await this.options.launch(), logPath);
    this.child = child;
    await writeRecord(recordPath, {
      pid: child.pid,
      birth: await birthOf(child.pid),
      startedAt: new Date().toISOString(),
      ...remember,
    });
    await child.whenReady({
      name,
      isReady: () => isReady(child),
      withinMs: readyTimeoutMs,
      ...(probeIntervalMs !== undefined && { intervalMs: probeIntervalMs }),
    });
    this.readyAt = performance.now();
    void child.exited.then((exit) => this.onExit(child, exit));
  }

  private async halt(): Promise<void> {
    const { stopGraceMs, afterHalt, recordPath } = this.options;
    await this.child?.stop(stopGraceMs);
    await afterHalt?.();
    await removeRecord(recordPath);
  }

  private onExit(child: ChildServer, exit: ServerExit): void {
    if (!this.wanted || child !== this.child) return;
    if (this.options.supervise) void this.revive(exit);
    else this.settleExited(exit);
  }

  private async revive(exit: ServerExit): Promise<void> {
    const { name, log } = this.options;
    log(`${name} ended unexpectedly (${exit.signal ?? `exit code ${exit.code}`}); starting it again`);
    if (performance.now() - this.readyAt > stableMs) this.backoffMs = 0;
    while (this.wanted) {
      // Supervision alone keeps no process alive.
      if (this.backoffMs > 0) await pause(this.backoffMs, undefined, { ref: false });
      this.backoffMs = Math.min(Math.max(backoffMsMin, 2 * this.backoffMs), backoffMsMax);
      if (await this.tryRevive()) return;
    }
  }

  /** Whether the process needs no further attempt. */
  private async tryRevive(): Promise<boolean> {
    const { name, place, log } = this.options;
    try {
      await this.inTurn(async () => {
        if (!this.wanted || this.child?.running === true) return;
        await this.launch();
        log(`${name} is back${place === undefined ? '' : ` ${place}`} (pid ${this.pid ?? 'none'})`);
      });
      return true;
    } catch (error) {
      // A start that timed out still runs; the next attempt needs its place.
      await this.inTurn(() => this.halt());
      // One that was cut short by the wish to end is no news.
      if (this.wanted) log(`${name} did not come back: ${NexusError.from(error).message}`);
      return false;
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

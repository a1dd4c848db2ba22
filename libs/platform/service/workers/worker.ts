import { type ChildProcess, spawn } from 'node:child_process';
import { NexusError } from '@nexus/contracts';
import { type Logger } from '@nexus/platform/telemetry';
import { type FromWorker, type ToWorker, workerArguments } from './worker-line.js';

export interface WorkerOptions {
  readonly index: number;
  /** What comes before the program's own command. */
  readonly prefix: readonly string[];
  readonly logger: Logger;
  /** How long it may take to end when told, in milliseconds. */
  readonly endWithinMs: number;
}

const restartMsMin = 100;
const restartMsMax = 10_000;
/** A worker that lived so long had a good start: the next one begins at once again. */
const healthyMs = 30_000;

/** One worker process: started, started again when it dies, asked how it is, ended. */
export class Worker {
  private child: ChildProcess | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private failures = 0;
  private ending = false;
  private checks = 0;
  private readonly checking = new Map<number, (fault: Error | undefined) => void>();
  /** What was asked last and is not answered yet: one that hangs is not asked ever more. */
  private unanswered: Promise<void> | undefined;

  constructor(private readonly options: WorkerOptions) {
    this.start();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws NexusError `unavailable` with the reason why it is not ready */
  check(): Promise<void> {
    this.unanswered ??= this.ask().finally(() => {
      this.unanswered = undefined;
    });
    return this.unanswered;
  }

  private ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { child } = this;
      if (!child?.connected) {
        reject(notReady(this.options.index, 'it is not running'));
        return;
      }
      const number = (this.checks += 1);
      this.checking.set(number, (fault) => (fault === undefined ? resolve() : reject(fault)));
      tell(child, { kind: 'check', number });
    });
  }

  /** Tells it to finish what it has, and makes it end after a while. */
  async end(): Promise<void> {
    this.ending = true;
    clearTimeout(this.restartTimer);
    const { child } = this;
    // Without a process id it was never there, and will not exit either.
    if (child?.pid === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const force = setTimeout(() => child.kill('SIGKILL'), this.options.endWithinMs);
    tell(child, { kind: 'end' });
    await gone;
    clearTimeout(force);
  }

  private start(): void {
    const { index, prefix } = this.options;
    const program = [
      process.execPath,
      ...process.execArgv,
      ...process.argv.slice(1),
      ...workerArguments(index),
    ];
    const [command = '', ...args] = [...prefix, ...program];
    const startedAt = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.child = child;
    child.on('message', (message) => this.checked(message as FromWorker));
    let over = false;
    const onEnd = (how: string) => {
      if (over) return;
      over = true;
      this.child = undefined;
      this.lost(how, performance.now() - startedAt);
    };
    child.once('error', (error) => onEnd(error.message));
    child.once('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`));
  }

  private checked({ number, fault }: FromWorker): void {
    const settle = this.checking.get(number);
    this.checking.delete(number);
    settle?.(fault === undefined ? undefined : notReady(this.options.index, fault));
  }

  private lost(how: string, livedMs: number): void {
    const { index, logger } = this.options;
    for (const number of this.checking.keys()) this.checked({ kind: 'checked', number, fault: 'it ended' });
    if (this.ending) return;
    this.failures = livedMs > healthyMs ? 0 : this.failures + 1;
    const inMs = Math.min(restartMsMax, restartMsMin * 2 ** Math.max(0, this.failures - 1));
    logger.error(`worker ${index} ended (${how}); starting it again in ${inMs} ms`);
    this.restartTimer = setTimeout(() => this.start(), inMs);
  }
}

/** One that is just ending hears nothing any more; that shows in its end. */
function tell(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}

const notReady = (index: number, why: string) => new NexusError('unavailable', `worker ${index}: ${why}`);

import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../chaos.config.js';
import { type StallNews } from './watch-stalls.js';

export interface ReplicaProcessOptions {
  readonly replicaId: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly logPath: string;
}

const inDist = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const preloads = ['../follow-parent.js', './watch-stalls.js'].flatMap((path) => [
  '--import',
  new URL(path, import.meta.url).href,
]);

const running = new Set<ChildProcess>();
// A process that is stopped hears nothing but this.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The consensus service as a process of its own, which can be treated badly. */
export class ReplicaProcess {
  /** For how long its event loop stood still, at the longest, as it told each second. */
  longestStallMs = 0;
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReplicaProcessOptions) {}

  get replicaId(): string {
    return this.options.replicaId;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it; it serves later. */
  async start(): Promise<void> {
    const log = await open(this.options.logPath, 'a');
    try {
      const child = spawn(process.execPath, [...preloads, inDist('apps/consensus/src/main.js')], {
        env: childEnvironment(this.options.variables),
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
      });
      running.add(child);
      this.child = child;
      child.on('message', (message) => {
        this.longestStallMs = Math.max(this.longestStallMs, (message as StallNews).stallMs);
      });
      this.ended = new Promise((resolve) => {
        const end = () => {
          running.delete(child);
          if (this.child === child) this.child = undefined;
          resolve();
        };
        child.once('exit', end);
        child.once('error', end);
      });
    } finally {
      await log.close();
    }
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended;
  }

  /** Asks it to end, and makes it after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.kill('SIGTERM');
    child.kill('SIGCONT');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(force);
  }

  /** Holds it where it is: it runs no further, and knows nothing of it. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.child?.kill('SIGCONT');
  }
}

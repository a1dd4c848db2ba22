import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../chaos.config.js';

export interface NodeProcessOptions {
  readonly name: string;
  /** The compiled entry point, below `dist/`. */
  readonly entry: string;
  /** Handed to it on the command line. */
  readonly args?: readonly string[];
  /** Of Node itself. */
  readonly flags?: readonly string[];
  /** Modules that are loaded before it, by URL. */
  readonly preloads: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly logPath: string;
}

const inDist = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const followParent = new URL('./follow-parent.js', import.meta.url).href;

const running = new Set<ChildProcess>();
// A process that is stopped hears nothing but this.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Node program as a process of its own, which can be treated badly, and started again. */
export class NodeProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();

  constructor(private readonly options: NodeProcessOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it; it serves later. Hears what this life of it says, and nothing of an earlier one. */
  async start(hear: (message: unknown) => void = () => undefined): Promise<void> {
    const { entry, args = [], flags = [], preloads, variables, logPath } = this.options;
    const log = await open(logPath, 'a');
    try {
      const imports = [followParent, ...preloads].flatMap((url) => ['--import', url]);
      const child = spawn(process.execPath, [...flags, ...imports, inDist(entry), ...args], {
        env: childEnvironment(variables),
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
      });
      running.add(child);
      this.child = child;
      child.on('message', hear);
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

  /** Says something to it over the channel that it tells by. */
  say(message: string): void {
    this.child?.send(message);
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

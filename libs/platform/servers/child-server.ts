import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NexusError } from '@nexus/contracts';
import type { Launch } from './launch.js';
import { signalGroup } from './run-command.js';
import { childEnvironment } from './servers.config.js';
import { endsWithin } from './until.js';

/** How a process ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Readiness {
  /** Names the process in the error. */
  readonly name: string;
  /** Whether it serves now. */
  readonly isReady: () => Promise<boolean>;
  readonly withinMs: number;
  /** How often it is asked. */
  readonly intervalMs?: number;
}

const intervalMsDefault = 10;
const killGraceMs = 2_000;
const logBytesMax = 10_000_000;
const logTailChars = 600;

/** One operating-system process of a server, from its start to its end. */
export class ChildServer {
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<ServerExit>;
  private end: ServerExit | undefined;
  private asked = false;

  private constructor(
    readonly pid: number,
    child: ChildProcess,
    private readonly logPath: string,
  ) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.end = { code, signal };
        resolve(this.end);
      });
    });
  }

  /**
   * Starts the process in a group of its own: Ctrl-C in the terminal then reaches only us, who stop things in order.
   * @throws NexusError `unavailable` when the system cannot start it
   */
  static async spawn(launch: Launch, logPath: string): Promise<ChildServer> {
    const log = await openLog(logPath);
    try {
      const child = spawn(launch.command, launch.args, {
        detached: true,
        env: childEnvironment(launch.variables),
        stdio: ['ignore', log.fd, log.fd],
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (cause) =>
          reject(
            new NexusError('unavailable', `cannot start ${launch.command}: ${cause.message}`, { cause }),
          ),
        );
      });
      return new ChildServer(child.pid ?? 0, child, logPath);
    } finally {
      await log.close();
    }
  }

  get running(): boolean {
    return this.end === undefined;
  }

  /**
   * Waits until it serves.
   * @throws NexusError `unavailable` with the end of its log, when it ends or does not serve in time
   */
  async whenReady({ name, isReady, withinMs, intervalMs = intervalMsDefault }: Readiness): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (this.running && performance.now() < deadline) {
      if ((await isReady()) && this.end === undefined) return;
      await endsWithin(this.exited, intervalMs);
    }
    const what = this.running ? `did not answer within ${withinMs / 1_000} s` : 'ended while starting';
    // Without its log the error says less, and is still the one to throw.
    const tail = (await readFile(this.logPath, 'utf8').catch(() => '')).slice(-logTailChars).trim();
    throw new NexusError('unavailable', `${name} ${what}; the end of ${this.logPath}:\n${tail}`);
  }

  kill(signal: NodeJS.Signals): boolean {
    return this.running && signalGroup(this.pid, signal);
  }

  /** Asks the process to end, once: a second SIGTERM would cut short what it does to end in order. */
  askToEnd(): void {
    if (this.asked) return;
    this.asked = true;
    this.kill('SIGTERM');
    // A stopped process hears SIGTERM only once it continues.
    this.kill('SIGCONT');
  }

  /** Asks the process to end, makes it after `graceMs`, and waits until it has. */
  async stop(graceMs: number): Promise<void> {
    this.askToEnd();
    if (await endsWithin(this.exited, graceMs)) return;
    this.kill('SIGKILL');
    await endsWithin(this.exited, killGraceMs);
  }
}

/** Appends, and starts over when the file has grown past its bound, keeping the previous one. */
async function openLog(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  if (size > logBytesMax) await rename(path, `${path}.1`);
  return await open(path, 'a');
}

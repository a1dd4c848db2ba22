import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NexusError } from '@nexus/contracts';
import { ChildServer, type ServerExit } from './child-server.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { type LaunchOptions, launchOf, storeDir } from './launch.js';
import { pidFile, removeContainer } from './orphans.js';
import { loopback } from './ports.js';
import type { Ready } from './probe.js';
import { birthOf } from './process-table.js';
import type { Program } from './provision.js';
import { removeRecord, writeRecord } from './record-file.js';

export interface ServerProcessOptions extends LaunchOptions {
  readonly program: Program;
  /** Whether an unexpected end is followed by a new start on the same port. */
  readonly supervise: boolean;
  readonly log: Log;
  /** How long a start may take, in milliseconds. A Redis with much data reads for a while. Default 30 s. */
  readonly readyTimeoutMs?: number;
}

const readyTimeoutMsDefault = 30_000;
const stopGraceMs = 5_000;
const backoffMsMin = 100;
const backoffMsMax = 5_000;

/** A server on the loopback that we started; its port stays the same for life. */
export class ServerProcess {
  readonly kind: ServerKind;
  readonly host = loopback;
  readonly port: number;
  readonly url: string;
  /** Resolves when the server is down for good: stopped, or ended without supervision. */
  readonly exited: Promise<ServerExit>;

  private child: ChildServer | undefined;
  /** Whether the server should be up; what ends while it should not has been told to. */
  private wanted = true;
  private settleExited: (exit: ServerExit) => void = () => undefined;
  /** One start, stop or restart at a time. */
  private turn: Promise<void> = Promise.resolve();
  private readonly endWithUs = () => {
    this.child?.kill('SIGTERM');
  };

  private constructor(private readonly options: ServerProcessOptions) {
    this.kind = options.kind;
    this.port = options.port;
    this.url = `${options.kind}://${loopback}:${options.port}`;
    this.exited = new Promise((resolve) => {
      this.settleExited = resolve;
    });
  }

  /**
   * Starts a server and waits until it serves.
   * @throws NexusError `unavailable` when it does not
   */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    // Also an exit that skips `stop`, as by an uncaught error, leaves nothing behind.
    process.once('exit', server.endWithUs);
    try {
      await server.inTurn(() => server.launch());
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Of the running process; undefined while there is none. */
  get pid(): number | undefined {
    return this.child?.running === true ? this.child.pid : undefined;
  }

  /** Signals the server as a fault would; whether there was one. Under supervision it comes back. */
  kill(signal: NodeJS.Signals): boolean {
    return this.child?.kill(signal) ?? false;
  }

  /** Stops the server for good and waits until it has ended. */
  async stop(): Promise<void> {
    this.wanted = false;
    // A start under way fails at once then, instead of being waited for.
    this.child?.kill('SIGTERM');
    await this.inTurn(async () => {
      await this.halt();
      process.removeListener('exit', this.endWithUs);
      this.settleExited({ code: 0, signal: null });
    });
  }

  /** Stops the server if it runs, and starts it on the same port and data. */
  async restart(): Promise<void> {
    await this.inTurn(async () => {
      this.wanted = false;
      await this.halt();
      this.wanted = true;
      await this.launch();
    });
  }

  private async launch(): Promise<void> {
    const { kind, port, dataDir, program } = this.options;
    await mkdir(storeDir(dataDir, kind), { recursive: true });
    const launch = launchOf(program, this.options);
    const child = await ChildServer.spawn(launch, join(dataDir, 'logs', `${serverTraits[kind].binary}.log`));
    this.child = child;
    await writeRecord(pidFile(dataDir, kind), {
      pid: child.pid,
      birth: await birthOf(child.pid),
      startedAt: new Date().toISOString(),
      port,
      ...(program.kind === 'docker' ? { container: this.options.name } : {}),
    });
    await child.whenReady(kind, port, {
      withinMs: this.options.readyTimeoutMs ?? readyTimeoutMsDefault,
      isOurs: (ready) => this.isOurs(ready, child),
    });
    void child.exited.then((exit) => this.onExit(child, exit));
  }

  /** Another server may have taken the port between our look and our start. */
  private isOurs({ identity }: Ready, child: ChildServer): boolean {
    if (this.kind === 'nats') return identity === this.options.name;
    return this.options.program.kind === 'docker' || identity === String(child.pid);
  }

  private async halt(): Promise<void> {
    await this.child?.stop(stopGraceMs);
    if (this.options.program.kind === 'docker') await removeContainer(this.options.name);
    await removeRecord(pidFile(this.options.dataDir, this.kind));
  }

  private onExit(child: ChildServer, exit: ServerExit): void {
    if (!this.wanted || child !== this.child) return;
    if (this.options.supervise) void this.revive(exit);
    else this.settleExited(exit);
  }

  private async revive(exit: ServerExit): Promise<void> {
    const { binary } = serverTraits[this.kind];
    this.options.log(`${binary} ended unexpectedly (${exit.signal ?? exit.code}); starting it again`);
    for (let waitMs = backoffMsMin; this.wanted; waitMs = Math.min(2 * waitMs, backoffMsMax)) {
      const revived = await this.tryRevive();
      if (revived) return;
      // Supervision alone keeps no process alive.
      await pause(waitMs, undefined, { ref: false });
    }
  }

  /** Whether the server needs no further attempt. */
  private async tryRevive(): Promise<boolean> {
    const { binary } = serverTraits[this.kind];
    try {
      await this.inTurn(async () => {
        if (!this.wanted || this.child?.running === true) return;
        await this.launch();
        this.options.log(`${binary} is back on port ${this.port} (pid ${this.pid ?? 'none'})`);
      });
      return true;
    } catch (error) {
      // A start that timed out still runs; the next attempt needs its port.
      await this.inTurn(() => this.halt());
      this.options.log(`${binary} did not come back: ${NexusError.from(error).message}`);
      return false;
    }
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

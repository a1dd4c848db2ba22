import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChildServer, type ServerExit } from './child-server.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { type LaunchOptions, launchOf, storeDir } from './launch.js';
import { recordFile, removeContainer } from './orphans.js';
import { loopback } from './ports.js';
import { probe } from './probe.js';
import type { Program } from './provision.js';
import { SupervisedProcess } from './supervised-process.js';

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
const probeTimeoutMs = 1_000;

/** A server on the loopback that we started; its port stays the same for life. */
export class ServerProcess {
  readonly kind: ServerKind;
  readonly host = loopback;
  readonly port: number;
  readonly url: string;

  private constructor(
    { kind, port }: ServerProcessOptions,
    private readonly supervised: SupervisedProcess,
  ) {
    this.kind = kind;
    this.port = port;
    this.url = `${kind}://${loopback}:${port}`;
  }

  /**
   * Starts a server and waits until it serves.
   * @throws NexusError `unavailable` when it does not
   */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const { kind, port, dataDir, program, name: ownName } = options;
    const { binary } = serverTraits[kind];
    const inDocker = program.kind === 'docker';
    const supervised = await SupervisedProcess.start({
      name: binary,
      place: `on port ${port}`,
      launch: async () => {
        await mkdir(storeDir(dataDir, kind), { recursive: true });
        return launchOf(program, options);
      },
      isReady: (child) => serves(options, child),
      logPath: join(dataDir, 'logs', `${binary}.log`),
      recordPath: recordFile(dataDir, kind),
      remember: { port, ...(inDocker && { container: ownName }) },
      ...(inDocker && { afterHalt: () => removeContainer(ownName) }),
      supervise: options.supervise,
      log: options.log,
      readyTimeoutMs: options.readyTimeoutMs ?? readyTimeoutMsDefault,
      stopGraceMs,
    });
    return new ServerProcess(options, supervised);
  }

  /** Resolves when the server is down for good: stopped, or ended without supervision. */
  get exited(): Promise<ServerExit> {
    return this.supervised.exited;
  }

  /** Of the running process; undefined while there is none. */
  get pid(): number | undefined {
    return this.supervised.pid;
  }

  /** Signals the server as a fault would; whether there was one. Under supervision it comes back. */
  kill(signal: NodeJS.Signals): boolean {
    return this.supervised.kill(signal);
  }

  /** Stops the server for good and waits until it has ended. */
  stop(): Promise<void> {
    return this.supervised.stop();
  }

  /** Stops the server if it runs, and starts it on the same port and data. */
  restart(): Promise<void> {
    return this.supervised.restart();
  }
}

/** Whether the server answers in its protocol; another may have taken the port between our look and our start. */
async function serves(
  { kind, port, program, name }: ServerProcessOptions,
  child: ChildServer,
): Promise<boolean> {
  const ready = await probe(kind, port, probeTimeoutMs);
  if (ready === undefined) return false;
  if (kind === 'nats') return ready.identity === name;
  return program.kind === 'docker' || ready.identity === String(child.pid);
}

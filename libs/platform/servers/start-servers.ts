import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { assert } from '@nexus/core/invariant';
import { prepareDataDir } from './data-dir.js';
import { DataDirLock } from './data-dir-lock.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { sweepOrphans } from './orphans.js';
import { choosePort, freePort } from './ports.js';
import { type Program, provision } from './provision.js';
import { ServerProcess } from './server-process.js';
import { readServersEnvironment, type ServersEnvironment } from './servers.config.js';

export interface StartServersOptions {
  /** Holds data, logs, pid files and the lock of this installation; created when missing. */
  readonly dataDir: string;
  /** The repository's `infra/`, with the configuration of both servers. */
  readonly infraDir: string;
  /** Servers that run already; they are used as they are, and nothing is started in their stead. */
  readonly natsUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  /** Preferred ports; another is taken when one is in use. 0 stands for any free one. Default 4222 and 6379. */
  readonly ports?: Readonly<Partial<Record<ServerKind, number>>>;
  /** Whether a server that ends unexpectedly is started again on its port. Default true. */
  readonly supervise?: boolean;
  readonly log: Log;
  /** Folder of fetched programs. Default `.nexus/bin` beside `infraDir`. */
  readonly binDir?: string;
  /** Where to look for programs. Default: what the process's environment says. */
  readonly environment?: ServersEnvironment;
}

export interface ServerHandle {
  readonly url: string;
  /** The server, when it is one that we started. */
  readonly process?: ServerProcess;
}

export interface Servers {
  readonly nats: ServerHandle;
  readonly redis: ServerHandle;
  /** Ends what was started, and releases the data directory. May be called again. */
  stop(): Promise<void>;
}

const startAttemptsMax = 5;

/**
 * Starts NATS and Redis on the loopback, or uses the ones that are named.
 * @throws NexusError `invalid_argument` when the data directory cannot be used, `conflict` when another run holds it,
 *   `unavailable` when a server is missing or does not start
 */
export async function startServers(options: StartServersOptions): Promise<Servers> {
  // A later start recognises left-over servers by the real path, whatever name it reaches it by.
  const dataDir = await prepareDataDir(options.dataDir);
  const lock = await DataDirLock.take(dataDir);
  try {
    await sweepOrphans(dataDir, options.log);
    const [nats, redis] = await startBoth({ ...options, dataDir });
    await lock.publish({ natsUrl: nats.url, redisUrl: redis.url });
    return { nats, redis, stop: stopOnce([nats, redis], lock) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startBoth(options: StartServersOptions): Promise<[ServerHandle, ServerHandle]> {
  const started = await Promise.allSettled([
    options.natsUrl === undefined ? startOne('nats', options) : { url: options.natsUrl },
    options.redisUrl === undefined ? startOne('redis', options) : { url: options.redisUrl },
  ]);
  const [nats, redis] = started;
  if (nats.status === 'fulfilled' && redis.status === 'fulfilled') return [nats.value, redis.value];
  await stopAll(started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
  throw allOf(
    started.flatMap((outcome) => (outcome.status === 'rejected' ? [NexusError.from(outcome.reason)] : [])),
  );
}

/** One error that says all: somebody who lacks both servers should not learn it one by one. */
function allOf(faults: readonly NexusError[]): NexusError {
  const [first, ...others] = faults;
  assert(first !== undefined, 'no server failed');
  if (others.length === 0) return first;
  const message = faults.map((fault) => fault.message).join('\n');
  return new NexusError(first.code, message, { cause: new AggregateError(faults) });
}

async function startOne(kind: ServerKind, options: StartServersOptions): Promise<ServerHandle> {
  const program = await provision(kind, provisionOptions(options));
  const process = await startOnFreePort(kind, program, options);
  return { url: process.url, process };
}

/** Somebody may take the port between our look and our start: then the next one is tried. */
async function startOnFreePort(
  kind: ServerKind,
  program: Program,
  options: StartServersOptions,
): Promise<ServerProcess> {
  const preferred = options.ports?.[kind] ?? serverTraits[kind].defaultPort;
  for (let attempt = 1; ; attempt++) {
    const port = preferred === 0 || attempt > 1 ? await freePort() : await choosePort(preferred);
    if (preferred !== 0 && port !== preferred) {
      options.log(`port ${preferred} is taken: ${serverTraits[kind].binary} uses ${port}`);
    }
    try {
      return await ServerProcess.start({
        kind,
        port,
        program,
        dataDir: options.dataDir,
        infraDir: resolve(options.infraDir),
        name: `nexus-${kind}-${randomUUID().slice(0, 8)}`,
        supervise: options.supervise ?? true,
        log: options.log,
      });
    } catch (error) {
      const portLost = (await choosePort(port)) !== port;
      if (!portLost || attempt === startAttemptsMax) throw NexusError.from(error);
    }
  }
}

/** Where programs are looked for and fetched to, as `startServers` does it. */
export function provisionOptions(
  options: Pick<StartServersOptions, 'infraDir' | 'binDir' | 'environment' | 'log'>,
) {
  return {
    environment: options.environment ?? readServersEnvironment(),
    binDir: resolve(options.binDir ?? join(dirname(resolve(options.infraDir)), '.nexus', 'bin')),
    log: options.log,
  };
}

function stopOnce(handles: readonly ServerHandle[], lock: DataDirLock): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  return () => (stopped ??= stopAll(handles).finally(() => lock.release()));
}

/** NATS first: once no request arrives, nothing is written any more. */
async function stopAll(handles: readonly ServerHandle[]): Promise<void> {
  for (const handle of handles) await handle.process?.stop();
}

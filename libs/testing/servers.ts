import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Log, type ServerKind, type ServerProcess, startServers } from '@nexus/platform/servers';

export interface TestServersOptions {
  /** Which servers the test needs. Default both. */
  readonly nats?: boolean;
  readonly redis?: boolean;
  /** Added to the configuration of the NATS server. Without credentials one must still get in: so readiness is seen. */
  readonly natsConfig?: string;
  readonly log?: Log;
}

/** Real servers for one test file, on free ports and a directory of their own. */
export interface TestServers {
  readonly dataDir: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** The server, for faults: `kill('SIGKILL')`, `restart()` on the same port. */
  readonly nats: ServerProcess;
  readonly redis: ServerProcess;
  /** Ends the servers and removes the directory. */
  stop(): Promise<void>;
}

/**
 * Starts NATS and Redis for a test by the same launcher as the product.
 * Reading a server that the options left out is a mistake of the test, and throws.
 */
export async function startTestServers(options: TestServersOptions = {}): Promise<TestServers> {
  const every = options.nats === undefined && options.redis === undefined;
  const log = options.log ?? (() => undefined);
  const dataDir = await mkdtemp(join(tmpdir(), 'nexus-test-'));
  const servers = await startServers({
    dataDir,
    infraDir: await infraWith(options.natsConfig, dataDir),
    binDir: join(dirname(infraDir()), '.nexus', 'bin'),
    // A url stands for a server that is not to be started.
    natsUrl: every || options.nats === true ? undefined : absent,
    redisUrl: every || options.redis === true ? undefined : absent,
    ports: { nats: 0, redis: 0 },
    // A killed server stays down until the test says `restart()`.
    supervise: false,
    log,
  }).catch(async (error: unknown) => {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  });
  const started = (kind: ServerKind): ServerProcess => {
    const process = servers[kind].process;
    if (process === undefined)
      throw new Error(`this test started no ${kind}: ask for it in startTestServers`);
    return process;
  };
  return {
    dataDir,
    get nats() {
      return started('nats');
    },
    get redis() {
      return started('redis');
    },
    get natsUrl() {
      return started('nats').url;
    },
    get redisUrl() {
      return started('redis').url;
    },
    async stop() {
      await servers.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const absent = 'absent:';

/** `infra/`, or a copy of it with an addition. */
async function infraWith(natsConfig: string | undefined, dataDir: string): Promise<string> {
  if (natsConfig === undefined) return infraDir();
  const copy = join(dataDir, 'infra');
  await cp(infraDir(), copy, { recursive: true });
  await appendFile(join(copy, 'nats', 'nats.conf'), `\n${natsConfig}\n`);
  return copy;
}

/** The repository's `infra/`, seen from the sources as well as from the build. */
export function infraDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'infra', 'nats', 'nats.conf'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('no infra/ above this file');
    folder = parent;
  }
  return join(folder, 'infra');
}

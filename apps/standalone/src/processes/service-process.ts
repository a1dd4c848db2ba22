import { join } from 'node:path';
import { freePort, type Log, loopback, recordFile, SupervisedProcess } from '@nexus/platform/servers';
import { checkout } from '../standalone.config.js';

/** One service as a process of its own. */
export interface ServiceSpec {
  /** Names the process for people, in its log's name and as its node id: `coordinator-2`. */
  readonly name: string;
  /** The app that it runs. */
  readonly app: 'consensus' | 'coordinator' | 'gossip' | 'intelligence' | 'routing';
  /** What it is configured by, beside what all are. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface ServiceSurroundings {
  readonly dataDir: string;
  /** How long work in flight may take to end, in milliseconds. */
  readonly drainTimeoutMs: number;
  readonly log: Log;
  /** Gives the start up. */
  readonly signal: AbortSignal;
}

const readyTimeoutMs = 60_000;
/** What it takes to end beside draining. */
const endGraceMs = 2_000;
const healthTimeoutMs = 2_000;
/** Each look is a request to a process that has its start to do. */
const probeIntervalMs = 50;

export const logFile = (dataDir: string, name: string) => join(dataDir, 'logs', `${name}.log`);

/**
 * Starts a service and waits until it wants requests; from then on it is started again whenever it ends.
 * @throws NexusError `unavailable` with the end of its log when it does not start
 */
export async function startService(
  { name, app, variables }: ServiceSpec,
  { dataDir, drainTimeoutMs, log, signal }: ServiceSurroundings,
): Promise<SupervisedProcess> {
  const script = join(checkout, 'dist', 'apps', app, 'src', 'main.js');
  let healthPort = 0;
  return SupervisedProcess.start({
    name,
    launch: async () => {
      // Another for each start: somebody may have taken the former meanwhile.
      healthPort = await freePort();
      const own = {
        NEXUS_NODE_ID: name,
        NEXUS_HEALTH_PORT: String(healthPort),
        // We alone look, as at the servers.
        NEXUS_HEALTH_HOST: loopback,
      };
      return { command: process.execPath, args: [script], variables: { ...variables, ...own } };
    },
    isReady: () => isReady(healthPort),
    logPath: logFile(dataDir, name),
    recordPath: recordFile(dataDir, name),
    remember: { script },
    supervise: true,
    log,
    readyTimeoutMs,
    stopGraceMs: drainTimeoutMs + endGraceMs,
    probeIntervalMs,
    signal,
  });
}

async function isReady(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(healthTimeoutMs);
    return (await fetch(`http://${loopback}:${port}/health/ready`, { signal })).ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

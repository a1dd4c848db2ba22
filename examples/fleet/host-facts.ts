import { readdir } from 'node:fs/promises';
import { availableParallelism, hostname, loadavg } from 'node:os';
import { type Agent } from '@nexus/sdk';

/** What is true of an agent's process and machine right now. */
export interface HostFacts {
  readonly host: string;
  readonly pid: number;
  readonly node: string;
  readonly cores: number;
  /** Share of one core that the process uses, 0 to 1. */
  readonly cpu: number;
  /** Share of the memory that the process may use, 0 to 1. */
  readonly memory: number;
  readonly rssBytes: number;
  /** Run queue of the machine over 1, 5 and 15 minutes. */
  readonly loadAverage: readonly number[];
  /** Timers, sockets and the like that keep the process alive. */
  readonly openHandles: number;
  /** Open file descriptors; null where the system does not tell. */
  readonly fileDescriptors: number | null;
  readonly uptimeS: number;
}

/** The machine as a node id: its name may have dots. */
export const nodeId = (host = hostname()): string => host.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 64);

export async function hostFacts(agent: Pick<Agent, 'load'>): Promise<HostFacts> {
  const { cpu, memory } = agent.load();
  return {
    host: hostname(),
    pid: process.pid,
    node: process.version,
    cores: availableParallelism(),
    cpu,
    memory,
    rssBytes: process.memoryUsage.rss(),
    loadAverage: loadavg(),
    openHandles: process.getActiveResourcesInfo().length,
    fileDescriptors: await fileDescriptors(),
    uptimeS: Math.round(process.uptime() * 1_000) / 1_000,
  };
}

/** Linux lists them in /proc; the listing itself holds one while it runs. */
async function fileDescriptors(): Promise<number | null> {
  try {
    return (await readdir('/proc/self/fd')).length - 1;
  } catch {
    return null;
  }
}

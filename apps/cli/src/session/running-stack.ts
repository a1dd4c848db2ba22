import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@nexus/platform/servers';
import { z } from 'zod';

/** An embedded default that runs on this machine. */
export interface RunningStack {
  readonly pid: number;
  /** Absent while it starts. */
  readonly natsUrl?: string;
  /** Absent when it uses a Redis that it did not start. */
  readonly redisUrl?: string;
}

const recordSchema = z.object({
  pid: z.int().positive(),
  natsUrl: z.string().optional(),
  port: z.int().positive().optional(),
});

/** The stack that holds a data directory; undefined when none runs. Takes no lock and changes nothing. */
export async function findRunningStack(dataDir: string): Promise<RunningStack | undefined> {
  const holder = await readRunFile(dataDir, 'lock');
  if (holder === undefined || !(await isAlive(holder.pid))) return undefined;
  const redis = await readRunFile(dataDir, 'redis');
  return {
    pid: holder.pid,
    ...(holder.natsUrl !== undefined && { natsUrl: holder.natsUrl }),
    ...(redis?.port !== undefined && { redisUrl: `redis://127.0.0.1:${redis.port}` }),
  };
}

async function readRunFile(dataDir: string, name: 'lock' | 'redis') {
  try {
    const text = await readFile(join(dataDir, 'run', `${name}.json`), 'utf8');
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

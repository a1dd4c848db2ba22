import { link, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { redactUrl } from '@nexus/platform/config';
import { birthOf, isAlive } from './process-table.js';
import { type ProcessRecord, readRecord, removeRecord, writeRecord } from './record-file.js';

/** The folder of pid files and the lock. */
export const runDir = (dataDir: string) => join(dataDir, 'run');

const attemptsMax = 20;

export const lockFile = 'lock.json';

const lockPath = (dataDir: string) => join(runDir(dataDir), lockFile);

/** Whoever has a data directory; where its servers are is known once they have started. */
export type DataDirHolder = Pick<ProcessRecord, 'pid' | 'natsUrl' | 'redisUrl'>;

/** Holds a data directory for one process. */
export class DataDirLock {
  private constructor(
    private readonly path: string,
    private readonly own: ProcessRecord,
  ) {}

  /**
   * Takes the directory, also from a process that ended without releasing it.
   * @throws NexusError `conflict` naming the pid and the NATS url of the process that holds it
   */
  static async take(dataDir: string): Promise<DataDirLock> {
    await mkdir(runDir(dataDir), { recursive: true });
    const path = lockPath(dataDir);
    const birth = await birthOf(process.pid);
    const own = { pid: process.pid, birth, startedAt: new Date().toISOString() };
    const draft = `${path}.${process.pid}.${takes++}`;
    await writeRecord(draft, own);
    try {
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        // Linking fails when the name exists: it creates the lock with its content in one step.
        if (await linked(draft, path)) return new DataDirLock(path, own);
        const holder = await readRecord(path);
        if (holder !== undefined && (await holds(holder))) throw taken(dataDir, holder);
        await discard(path, holder);
      }
      throw new NexusError('conflict', `the data directory ${dataDir} is being fought over`);
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** The living process that holds a directory, if any. Takes nothing and changes nothing. */
  static async holder(dataDir: string): Promise<DataDirHolder | undefined> {
    const holder = await readRecord(lockPath(dataDir));
    return holder !== undefined && (await holds(holder)) ? holder : undefined;
  }

  /** Tells a second start where the running one is. */
  async publish(urls: { readonly natsUrl: string; readonly redisUrl: string }): Promise<void> {
    await writeRecord(this.path, { ...this.own, ...urls });
  }

  async release(): Promise<void> {
    await removeRecord(this.path);
  }
}

/** Distinguishes the drafts of one process. */
let takes = 0;

const holds = async (holder: ProcessRecord) =>
  (await isAlive(holder.pid)) && (await birthOf(holder.pid)) === holder.birth;

/**
 * Moves a stale lock away. Another process may have replaced it meanwhile by its own, living one: what was moved is
 * looked at again, and put back if it is not the stale one.
 */
async function discard(path: string, stale: ProcessRecord | undefined): Promise<void> {
  const aside = `${path}.${process.pid}.stale`;
  try {
    await rename(path, aside);
  } catch (error) {
    // Another process has moved or released it already.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readRecord(aside);
  if (moved !== undefined && (moved.pid !== stale?.pid || moved.birth !== stale.birth)) {
    await linked(aside, path);
  }
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function taken(dataDir: string, holder: ProcessRecord): NexusError {
  const natsUrl = holder.natsUrl === undefined ? undefined : redactUrl(holder.natsUrl);
  const where = natsUrl === undefined ? 'still starting' : `NATS at ${natsUrl}`;
  return new NexusError(
    'conflict',
    `the data directory ${dataDir} is in use by process ${holder.pid} (${where})`,
    {
      details: [
        { path: 'pid', message: String(holder.pid) },
        ...(natsUrl === undefined ? [] : [{ path: 'natsUrl', message: natsUrl }]),
      ],
    },
  );
}

import { NexusError } from '@nexus/contracts';
import { type DurableState } from '@nexus/core/raft';
import { DataDirLock } from '@nexus/platform/servers';
import { verifyFile } from './lmdb-format/verify-file.js';
import { LmdbFile } from './lmdb-file.js';
import { hasLogFile, logPath, writeLogFile } from './log-file.js';
import { damaged, held, isOfSystem, unusable } from './log-store-fault.js';
import { readLog, type StoredLog } from './read-log.js';
import { newStoreId } from './store-id.js';
import { blankHardState } from './stored-head.js';

/** A smaller file is not worth the trouble. */
const rewriteBytesMin = 64 * 1_024 ** 2;

const blankState: DurableState = { hardState: blankHardState, snapshot: null, entries: [] };

export interface OpenLog {
  readonly file: LmdbFile;
  readonly log: StoredLog;
}

/**
 * Reads and checks all that is stored; begins a log where there is none. A file that is mostly free pages, or what
 * was to be removed, as after a large snapshot, is written anew: LMDB itself never makes it smaller.
 * @throws NexusError `internal` when what is stored is damaged
 */
export async function openLog(directory: string): Promise<OpenLog> {
  if (!hasLogFile(directory)) await writeLogFile(directory, newStoreId(), blankState);
  const { usedBytes, fileBytes } = orDamaged(directory, () => verifyFile(logPath(directory)));
  const opened = await readFile(directory);
  if (fileBytes < rewriteBytesMin || usedBytes - opened.log.garbageBytes > fileBytes / 2) return opened;
  await opened.file.close();
  await writeLogFile(directory, opened.log.storeId, opened.log.state);
  return readFile(directory);
}

/** @throws NexusError `conflict` naming the process that holds the directory */
export async function takeLock(directory: string): Promise<DataDirLock> {
  try {
    return await DataDirLock.take(directory);
  } catch (error) {
    const pid = error instanceof NexusError ? error.details.find(({ path }) => path === 'pid') : undefined;
    throw pid === undefined ? error : held(directory, pid.message, error);
  }
}

async function readFile(directory: string): Promise<OpenLog> {
  const file = await LmdbFile.open(logPath(directory));
  try {
    return { file, log: orDamaged(directory, () => readLog(file)) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What the system refuses is no damage. */
function orDamaged<T>(directory: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw isOfSystem(error) ? error : damaged(directory, error);
  }
}

/** What the system, or LMDB, refused, in our terms. */
export const openingFault = (directory: string, error: unknown): unknown =>
  isOfSystem(error) ? unusable(directory, error) : error;

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { formatBytes } from '@nexus/platform/terminal';
import { fail, type Finding, ok, warn } from './finding.js';

const shellTimeoutMs = 3_000;
const megabyte = 1_000_000;
/** Below `low` a fleet's data may not fit; below `tooLow` the servers themselves stop writing. */
const diskBytes = { low: 1_000 * megabyte, tooLow: 100 * megabyte };
const memoryBytes = { low: 512 * megabyte, tooLow: 128 * megabyte };
/** Each agent with a connection of its own takes one in the broker. */
const handles = { low: 4_096, tooLow: 256 };

/** Whether the data directory, or the folder in which it will be made, can be written to. */
export async function inspectDataDir(dataDir: string): Promise<Finding> {
  const folder = await nearestFolder(dataDir);
  const remedy = 'choose another with --data-dir or NEXUS_DATA_DIR';
  if (!(await stat(folder)).isDirectory()) return fail(`${folder} is no directory`, remedy);
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!writable) return fail(`${folder} cannot be written to`, remedy);
  const { bavail, bsize } = await statfs(folder);
  return judgeAmount(bavail * bsize, diskBytes, {
    message: (free) => `${dataDir}, ${formatBytes(free)} free`,
    remedy: 'make room, or choose another disk with --data-dir',
  });
}

async function nearestFolder(path: string): Promise<string> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  return exists || dirname(path) === path ? path : nearestFolder(dirname(path));
}

/** @param available in bytes, as `process.availableMemory()` */
export const inspectMemory = (available: number): Finding =>
  judgeAmount(available, memoryBytes, {
    message: (free) => `${formatBytes(free)} available`,
    remedy: 'end what is not needed; Redis and the route tables live in memory',
  });

/** How many files and sockets one process may have open. */
export const inspectHandles = (limit: number | undefined): Finding =>
  limit === undefined
    ? ok('no limit is known')
    : judgeAmount(limit, handles, {
        message: (most) => (most === Number.POSITIVE_INFINITY ? 'unlimited' : `${most} a process`),
        remedy: 'raise it with ulimit -n 65536: each connection takes one',
      });

/** The limit of this process, as its children inherit it; undefined where there is no shell to ask. */
export async function handleLimit(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -n'], { timeout: shellTimeoutMs });
    const limit = stdout.trim();
    return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number.parseInt(limit, 10);
  } catch {
    return undefined;
  }
}

interface Wording {
  readonly message: (amount: number) => string;
  readonly remedy: string;
}

function judgeAmount(
  amount: number,
  { low, tooLow }: { readonly low: number; readonly tooLow: number },
  { message, remedy }: Wording,
): Finding {
  if (amount < tooLow) return fail(message(amount), remedy);
  return amount < low ? warn(message(amount), remedy) : ok(message(amount));
}

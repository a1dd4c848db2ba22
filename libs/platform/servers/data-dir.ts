import { constants } from 'node:fs';
import { access, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';

/**
 * Makes a data directory with what is missing above it.
 * @returns its real path
 * @throws NexusError `invalid_argument` saying in one line why it cannot be used
 */
export async function prepareDataDir(path: string): Promise<string> {
  const dataDir = resolve(path);
  try {
    await makeFolders(dataDir);
    await access(dataDir, constants.W_OK);
    return await realpath(dataDir);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NexusError('invalid_argument', `the data directory ${dataDir} cannot be used: ${why}`, {
      cause,
    });
  }
}

/** One by one: a recursive `mkdir` of Node never returns where a file system refuses with ENOENT, as /proc does. */
async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  await makeFolders(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Another start may have been faster.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  throw new Error(`${path} is no directory`);
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

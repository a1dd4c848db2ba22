import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { NexusError } from '@nexus/contracts';

export interface InputFiles {
  readonly root: string;
  /** The root, for people. */
  readonly name: string;
  /** Relative to the root, with `/`, sorted. */
  readonly paths: readonly string[];
}

const filesMax = 200_000;
const gitTimeoutMs = 30_000;
const gitOutputBytesMax = 64 * 1024 * 1024;

/**
 * The files to hash: all regular files below a directory that the user names, or the files that git tracks in the
 * checkout.
 * @throws NexusError `invalid_argument` when the directory cannot be read or holds no file
 */
export async function inputFiles(input: string | undefined, checkout: string): Promise<InputFiles> {
  const root = resolve(input ?? checkout);
  const paths = input === undefined ? await trackedFiles(root) : await filesBelow(root);
  if (paths.length === 0) throw new NexusError('invalid_argument', `there is no file below ${root}`);
  if (paths.length > filesMax) {
    throw new NexusError(
      'invalid_argument',
      `${paths.length} files below ${root}; at most ${filesMax} are taken`,
    );
  }
  return { root, name: input === undefined ? 'this checkout' : root, paths: paths.toSorted() };
}

async function trackedFiles(root: string): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], {
      cwd: root,
      timeout: gitTimeoutMs,
      maxBuffer: gitOutputBytesMax,
    });
    const present = await Promise.all(stdout.split('\0').map((path) => existingFile(root, path)));
    return present.filter((path) => path !== undefined);
  } catch {
    // Not a git checkout (an unpacked archive): its sources are the folders that the project itself names.
    const folders = ['apps', 'libs', 'examples', 'infra', 'docs', 'scripts'];
    const found = await Promise.all(folders.map((folder) => filesBelow(join(root, folder)).catch(() => [])));
    return found.flatMap((paths, index) => paths.map((path) => `${folders[index] ?? ''}/${path}`));
  }
}

/** Tracked, and not deleted from the work tree since. */
async function existingFile(root: string, path: string): Promise<string | undefined> {
  if (path === '') return undefined;
  const found = await stat(join(root, path)).catch(() => undefined);
  return found?.isFile() ? path : undefined;
}

async function filesBelow(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NexusError('invalid_argument', `--input: cannot read ${root}: ${why}`, { cause });
  }
}

import { execFile } from 'node:child_process';
import { constants, type Dirent } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { NexusError } from '@nexus/contracts';

export interface InputFiles {
  readonly root: string;
  /** The root, for people. */
  readonly name: string;
  /** Relative to the root, with `/`, sorted. */
  readonly paths: readonly string[];
  /** What cannot be read, or has a name that is no text: files and directories, named as far as they can be. */
  readonly skipped: readonly string[];
}

type Listing = Pick<InputFiles, 'paths' | 'skipped'>;

const filesMaxDefault = 200_000;
const gitTimeoutMs = 30_000;
const gitOutputBytesMax = 64 * 1024 * 1024;

/**
 * The files to hash: all regular files below a directory that the user names, or the files that git tracks in the
 * checkout.
 * @throws NexusError `invalid_argument` when the directory cannot be read or holds no file that can be
 */
export async function inputFiles(
  input: string | undefined,
  checkout: string,
  filesMax = filesMaxDefault,
): Promise<InputFiles> {
  const root = resolve(input ?? checkout);
  const { paths, skipped } =
    input === undefined ? await trackedFiles(root) : await filesBelow(root, '', filesMax);
  if (paths.length === 0) {
    const unreadable = skipped.length === 0 ? '' : ` that can be read, and ${skipped.length} that cannot`;
    throw new NexusError('invalid_argument', `--input: there is no file below ${root}${unreadable}`);
  }
  if (paths.length > filesMax) {
    throw new NexusError(
      'invalid_argument',
      `--input: there are more than ${filesMax} files below ${root}, and so many are taken at most`,
    );
  }
  const name = input === undefined ? 'this checkout' : root;
  return { root, name, paths: paths.toSorted(), skipped: skipped.toSorted() };
}

async function trackedFiles(root: string): Promise<Listing> {
  try {
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-z'], {
      cwd: root,
      timeout: gitTimeoutMs,
      maxBuffer: gitOutputBytesMax,
    });
    const tracked = stdout.split('\0').filter((path) => path !== '');
    const present = await Promise.all(tracked.map((path) => isFile(join(root, path))));
    return await readableOf(
      root,
      tracked.filter((_, index) => present[index]),
    );
  } catch {
    // Not a git checkout (an unpacked archive): its sources are the folders that the project itself names.
    const listings = ['apps', 'libs', 'examples', 'infra', 'docs', 'scripts'].map((folder) =>
      filesBelow(root, folder).catch(() => ({ paths: [], skipped: [] })),
    );
    return joined(await Promise.all(listings));
  }
}

/** Tracked, and not deleted from the work tree since. */
const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/**
 * Paths below `<root>/<start>`, relative to the root. Stops where there are more than `filesMax`: a whole disk is not
 * walked to refuse it.
 * @throws NexusError when the folder itself cannot be read
 */
async function filesBelow(root: string, start = '', filesMax = filesMaxDefault): Promise<Listing> {
  const paths: string[] = [];
  const skipped: string[] = [];
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined && paths.length <= filesMax; folder = folders.pop()) {
    const entries = await entriesOf(join(root, folder));
    if (entries instanceof NexusError) {
      if (folder === start) throw entries;
      skipped.push(`${folder}/`);
      continue;
    }
    const prefix = folder === '' ? '' : `${folder}/`;
    const named = (wanted: (entry: Dirent) => boolean) =>
      entries.filter(wanted).map(({ name }) => `${prefix}${name}`);
    for (const path of named((entry) => entry.isDirectory())) folders.push(path);
    const files = await readableOf(
      root,
      named((entry) => entry.isFile()),
    );
    for (const path of files.paths) paths.push(path);
    for (const path of files.skipped) skipped.push(path);
  }
  return { paths, skipped };
}

const entriesOf = (path: string): Promise<Dirent[] | NexusError> =>
  readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new NexusError('invalid_argument', `--input: cannot read ${path}: ${why}`, { cause });
  });

/** A name that is not UTF-8 is no text: what we read of it names nothing, and so cannot be opened either. */
async function readableOf(root: string, paths: readonly string[]): Promise<Listing> {
  const readable = await Promise.all(
    paths.map((path) =>
      access(join(root, path), constants.R_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return {
    paths: paths.filter((_, index) => readable[index]),
    skipped: paths.filter((_, index) => !readable[index]),
  };
}

const joined = (listings: readonly Listing[]): Listing => ({
  paths: listings.flatMap(({ paths }) => paths),
  skipped: listings.flatMap(({ skipped }) => skipped),
});

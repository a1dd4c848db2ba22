import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { type ServerKind, serverTraits } from './kind.js';
import type { ServersEnvironment } from './servers.config.js';

/** A server program on this machine. */
export interface Binary {
  readonly path: string;
  /** Where its libraries are, when they are not the system's. */
  readonly libraryPath?: string;
}

export interface FindOptions {
  readonly environment: ServersEnvironment;
  /** Folder of fetched programs, one folder a kind below it. */
  readonly binDir: string;
}

/** Where distributions and Homebrew put servers, which an ordinary user's PATH often lacks. */
const systemFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * Looks for a server program: named outright, fetched earlier, on PATH, then in the usual folders.
 * @throws NexusError `invalid_argument` when one is named outright that cannot be run
 */
export async function findBinary(kind: ServerKind, options: FindOptions): Promise<Binary | undefined> {
  const traits = serverTraits[kind];
  const named = options.environment.binaries[kind];
  if (named !== undefined) {
    const path = resolve(named);
    if (await isExecutable(path)) return { path };
    throw new NexusError('invalid_argument', `${traits.binaryVariable} names no program: ${named}`);
  }
  const fetched = await fetchedBinary(kind, options.binDir);
  if (fetched !== undefined) return fetched;
  const onPath = options.environment.path.split(delimiter).filter((folder) => folder !== '');
  return await firstExecutable([...onPath, ...systemFolders].map((folder) => join(folder, traits.binary)));
}

/** The program that was unpacked from Debian packages into `<binDir>/<kind>`, with its libraries. */
export async function fetchedBinary(kind: ServerKind, binDir: string): Promise<Binary | undefined> {
  const root = resolve(binDir, kind);
  const binary = serverTraits[kind].binary;
  const found = await firstExecutable(['usr/bin', 'usr/sbin'].map((folder) => join(root, folder, binary)));
  if (found === undefined) return undefined;
  const libraries = join(root, 'usr', 'lib');
  const triplets = (await readdir(libraries).catch(() => [])).filter((name) => name.includes('-linux-gnu'));
  const folders = triplets.flatMap((triplet) => [join(libraries, triplet), join(root, 'lib', triplet)]);
  return folders.length === 0 ? found : { ...found, libraryPath: folders.join(':') };
}

/** A program of the given name on the path. */
export function findOnPath(name: string, environment: ServersEnvironment): Promise<Binary | undefined> {
  return firstExecutable(environment.path.split(delimiter).map((folder) => join(folder, name)));
}

async function firstExecutable(paths: readonly string[]): Promise<Binary | undefined> {
  for (const path of paths) if (await isExecutable(path)) return { path };
  return undefined;
}

const isExecutable = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

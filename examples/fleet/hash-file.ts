import { createHash, getHashes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { NexusError } from '@nexus/sdk';

const hashDefault = 'sha256';

/** Payload of a task: which file, relative to the root, and by which hash; SHA-256 where none is named. */
export interface HashTask {
  readonly path: string;
  readonly hash: string;
}

export interface HashedFile extends HashTask {
  /** In hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
}

/** Reads a task from a payload. @throws NexusError `invalid_argument` */
export function hashTaskOf(payload: unknown): HashTask {
  const { path, hash = hashDefault } = (payload ?? {}) as Record<string, unknown>;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw new NexusError('invalid_argument', 'path: a file below the root');
  }
  if (typeof hash !== 'string' || !getHashes().includes(hash)) {
    throw new NexusError('invalid_argument', 'hash: none that this machine knows');
  }
  return { path, hash };
}

/**
 * Hashes one file, streaming it, so that its size does not matter.
 * @throws NexusError `forbidden` outside the root, also by way of a link; `not_found` without such a file
 */
export async function hashFile(root: string, task: HashTask, signal: AbortSignal): Promise<HashedFile> {
  const file = await fileBelow(root, task.path);
  const hash = createHash(task.hash);
  let bytes = 0;
  await pipeline(
    createReadStream(file),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    },
    { signal },
  );
  return { ...task, digest: hash.digest('hex'), bytes };
}

async function fileBelow(root: string, path: string): Promise<string> {
  const forbidden = () => new NexusError('forbidden', `${path} is outside the root`);
  // Refused before the disk is asked, so that nobody learns what exists out there.
  if (isAbsolute(path) || !isBelow(root, join(root, path))) throw forbidden();
  try {
    const [realRoot, file] = await Promise.all([realpath(root), realpath(join(root, path))]);
    if (!isBelow(realRoot, file)) throw forbidden();
    if (!(await stat(file)).isFile()) throw new NexusError('invalid_argument', `${path} is no file`);
    return file;
  } catch (cause) {
    if (cause instanceof NexusError) throw cause;
    throw new NexusError('not_found', `${path} cannot be read`, { cause });
  }
}

function isBelow(root: string, file: string): boolean {
  const way = relative(root, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

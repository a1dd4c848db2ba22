import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { NexusError } from '@nexus/contracts';
import { type InputFiles } from './input-files.js';

/** Digest of each file, by path. */
export type Manifest = ReadonlyMap<string, string>;

const parallel = 8;

/**
 * Hashes the files here, without any agent: what the fleet's work is held against.
 * @throws NexusError `not_found` naming a file that cannot be read any more; the reason of the signal when that aborts
 */
export async function computeManifest(
  { root, paths }: Pick<InputFiles, 'root' | 'paths'>,
  hash: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = new Map<string, string>();
  const queue = paths.values();
  const worker = async () => {
    for (const path of queue) {
      signal.throwIfAborted();
      manifest.set(path, await digestOf(join(root, path), hash));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return manifest;
}

async function digestOf(path: string, hash: string): Promise<string> {
  const digest = createHash(hash);
  try {
    await pipeline(createReadStream(path), digest);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NexusError('not_found', `cannot read ${path}: ${why}`, { cause });
  }
  return digest.digest('hex');
}

/** Paths on which two manifests disagree, in order; empty when they are identical. */
export function differences(a: Manifest, b: Manifest): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path)).sort();
}

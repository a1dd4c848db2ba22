import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type InputFiles } from './input-files.js';

/** Digest of each file, by path. */
export type Manifest = ReadonlyMap<string, string>;

const parallel = 8;

/** Hashes the files here, without any agent: what the fleet's work is held against. */
export async function computeManifest({ root, paths }: InputFiles, hash: string): Promise<Manifest> {
  const manifest = new Map<string, string>();
  const queue = paths.values();
  const worker = async () => {
    for (const path of queue) {
      const digest = createHash(hash);
      await pipeline(createReadStream(join(root, path)), digest);
      manifest.set(path, digest.digest('hex'));
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return manifest;
}

/** Paths on which two manifests disagree, in order; empty when they are identical. */
export function differences(a: Manifest, b: Manifest): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => a.get(path) !== b.get(path)).sort();
}

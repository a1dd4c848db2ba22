import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({
  version: z.string(),
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()),
});

/** The files that this command belongs to. */
export interface Installation {
  readonly root: string;
  readonly version: string;
  /** The Node versions that are supported, as `>=20.19.0`. */
  readonly nodeRange: string;
  /** The packages needed to run, with their exact versions. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Found by the manifest above this file, from the sources as well as from the build. */
export function findInstallation(from = import.meta.dirname): Installation {
  let root = from;
  while (!existsSync(join(root, 'package.json'))) {
    const parent = dirname(root);
    if (parent === root) throw new Error(`no package.json above ${from}`);
    root = parent;
  }
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return {
    root,
    version: manifest.version,
    nodeRange: manifest.engines.node,
    packages: manifest.dependencies,
  };
}

/** The compiled entry point of an app. */
export const entryOf = ({ root }: Installation, app: string): string =>
  join(root, 'dist', 'apps', app, 'src', 'main.js');

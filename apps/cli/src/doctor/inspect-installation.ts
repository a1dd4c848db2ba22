import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { entryOf, type Installation } from '../session/installation.js';
import { fail, type Finding, ok, warn } from './finding.js';

const apps = ['consensus', 'coordinator', 'gossip', 'intelligence', 'routing', 'standalone', 'cli'];

/** @param version as `process.versions.node` */
export function inspectNode({ nodeRange }: Installation, version: string): Finding {
  const min = nodeRange.replace(/^>=\s*/, '');
  if (isAtLeast(version, min)) return ok(version);
  return fail(`${version} is too old`, `install Node ${min} or later, as by nvm install 22`);
}

/** Whether a version such as `20.19.1` is at least another one. */
export function isAtLeast(version: string, min: string): boolean {
  const parts = (text: string) => text.split(/[.-]/).map(Number);
  const have = parts(version);
  const index = parts(min).findIndex((part, position) => have[position] !== part);
  return index === -1 || (have[index] ?? 0) > (parts(min)[index] ?? 0);
}

/** Whether the packages that are needed to run are installed in exactly the versions asked for. */
export async function inspectPackages({ root, packages }: Installation): Promise<Finding> {
  const wrong: string[] = [];
  for (const [name, wanted] of Object.entries(packages)) {
    const found = await installedVersion(join(root, 'node_modules', name, 'package.json'));
    if (found !== wanted) wrong.push(`${name} ${found ?? 'missing'}`);
  }
  if (wrong.length === 0) return ok(`${Object.keys(packages).length} as in package.json`);
  return fail(`not as in package.json: ${wrong.slice(0, 5).join(', ')}`, 'run npm run setup');
}

async function installedVersion(path: string): Promise<string | undefined> {
  try {
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return typeof manifest['version'] === 'string' ? manifest['version'] : undefined;
  } catch {
    return undefined;
  }
}

/** Whether every app is built. The `nexus` command brings the build up to date before it runs. */
export function inspectBuild(installation: Installation): Finding {
  const missing = apps.filter((app) => !existsSync(entryOf(installation, app)));
  if (missing.length > 0) return fail(`not built: ${missing.join(', ')}`, 'run npm run setup');
  if (existsSync(join(installation.root, 'dist', '.sources'))) return ok('every app is built');
  return warn('built by hand, maybe from older sources', 'run npm run setup');
}

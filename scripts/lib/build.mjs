import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePrograms } from './bundle.mjs';
import { exclusively } from './exclusive.mjs';
import { inRoot } from './project.mjs';
import { run, withProgress } from './run.mjs';

const buildTimeoutMs = 300_000;
const sourceFolders = ['apps', 'libs', 'examples', 'bench', 'trials'];
const settings = ['.swcrc', 'nest-cli.json', 'tsconfig.json', 'package-lock.json', 'scripts/lib/bundle.mjs'];
const stamp = inRoot('dist', '.sources');

/** Builds everything, unless the build of exactly these sources is there. */
export async function ensureBuild() {
  if (isBuilt(digestOfSources())) return;
  await exclusively(async () => {
    const digest = digestOfSources();
    if (!isBuilt(digest)) await withProgress('building', () => build(digest));
  });
}

/** Builds everything, whatever is there. */
export const rebuild = () => exclusively(() => withProgress('building', () => build(digestOfSources())));

/** From nothing, so that no output of a removed source stays; the stamp is written last, by a build that succeeded. */
async function build(digest) {
  rmSync(inRoot('dist'), { recursive: true, force: true });
  const result = await run(
    process.execPath,
    [inRoot('node_modules/@nestjs/cli/bin/nest.js'), 'build', '--all'],
    {
      timeoutMs: buildTimeoutMs,
      variables: { FORCE_COLOR: '0' },
    },
  );
  if (!result.ok) throw new Error(`the build failed:\n${result.output.trim()}`);
  await bundlePrograms();
  writeFileSync(stamp, digest);
}

const isBuilt = (digest) => existsSync(stamp) && readFileSync(stamp, 'utf8') === digest;

/** Of the contents, not the times: a checkout of the same commit needs no new build. */
function digestOfSources() {
  const hash = createHash('sha256');
  const add = (path) => {
    hash.update(`${path}\0`);
    hash.update(readFileSync(inRoot(path)));
    hash.update('\0');
  };
  settings.forEach(add);
  for (const folder of sourceFolders) filesBelow(folder).forEach(add);
  return hash.digest('hex');
}

/** In a stable order, without specs, which are not built. */
function filesBelow(folder) {
  const entries = readdirSync(inRoot(folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() && !entry.name.endsWith('.spec.ts') ? [path] : [];
    });
}

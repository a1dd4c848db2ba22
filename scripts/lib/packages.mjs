import { readFileSync } from 'node:fs';
import { exclusively } from './exclusive.mjs';
import { inRoot } from './project.mjs';
import { run, withProgress } from './run.mjs';

const installTimeoutMs = 600_000;
const attemptsMax = 2;

/** Installs the packages of the lock file, unless exactly these are installed. */
export async function ensurePackages() {
  if (packagesAreCurrent()) return;
  await exclusively(async () => {
    if (packagesAreCurrent()) return;
    await withProgress('installing packages', install);
  });
}

/** `npm ci` reads package-lock.json only; `--include=dev` since the build needs the compiler also under NODE_ENV=production. */
async function install() {
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  let output = '';
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const result = await run('npm', args, { timeoutMs: installTimeoutMs });
    if (result.ok) return;
    output = result.output;
  }
  throw new Error(`npm ci failed:\n${output.trim()}`);
}

function packagesAreCurrent() {
  return isInstalled(readLock('package-lock.json'), readLock('node_modules/.package-lock.json'));
}

/**
 * Whether what npm recorded as installed is what the lock file asks for. npm writes its record last, so a broken
 * installation has none. Optional packages may be absent: they are for other platforms.
 */
export function isInstalled(wanted, installed) {
  if (wanted === undefined || installed === undefined) return false;
  const isSame = (name) => wanted[name]?.version === installed[name]?.version;
  const isMet = ([name, entry]) => name === '' || (entry.optional && !installed[name]) || isSame(name);
  return Object.entries(wanted).every(isMet) && Object.keys(installed).every(isSame);
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(inRoot(path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/**
 * Completes package-lock.json with the packages of other platforms that npm left out, because the registry in use
 * lacked them; `npm ci` refuses such a lock everywhere. Run after every `npm install`.
 *
 * Usage: node scripts/complete-lock.mjs [lock file] [--check]
 * With --check nothing is written; the exit code is 1 when something is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const operatingSystems = [
  ...['darwin', 'win32', 'linux', 'android', 'freebsd', 'openharmony', 'sunos', 'netbsd', 'openbsd', 'aix'],
];
const processors = [
  ...['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el', 'wasm32'],
];

const args = process.argv.slice(2);
const check = args.includes('--check');
const file = args.find((argument) => !argument.startsWith('--')) ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));

const added = missingOptionals(lock.packages).map(({ name, range, dev }) => {
  lock.packages[`node_modules/${name}`] = entryOf(name, range, dev);
  return name;
});

if (check) {
  for (const name of added) console.error(`${file} lacks ${name}: run npm run lock:complete`);
  if (added.length > 0) process.exitCode = 1;
} else {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byKey));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

/** Optional dependencies that no `node_modules` on the way up provides. */
function missingOptionals(packages) {
  const missing = new Map();
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (!missing.has(name) && !provided(packages, path, name)) missing.set(name, { name, range, dev });
    }
  }
  return [...missing.values()];
}

/** Whether Node would find `name` from `path`: there, or in any folder above. */
function provided(packages, path, name) {
  for (let folder = path; ; folder = above(folder)) {
    if (packages[`${folder ? `${folder}/` : ''}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

/** The folder that holds the `node_modules` in which `folder` lies. */
function above(folder) {
  const index = folder.lastIndexOf('node_modules/');
  return index <= 0 ? '' : folder.slice(0, index - 1);
}

/** What npm would have written; the name of a platform package says for which platform it is. */
function entryOf(name, range, dev) {
  const words = name.split('/').pop().split('-');
  const os =
    words.find((word) => operatingSystems.includes(word)) ?? (name === 'fsevents' ? 'darwin' : undefined);
  const cpu = words.find((word) => processors.includes(word));
  if (os === undefined) throw new Error(`cannot tell the platform of ${name}: complete its entry by hand`);
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev: true }),
    optional: true,
    os: [os],
  };
}

function byKey([left], [right]) {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

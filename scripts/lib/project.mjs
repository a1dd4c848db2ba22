import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The checkout, whatever directory the command was given in. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A path inside the checkout. */
export const inRoot = (...parts) => join(root, ...parts);

/** Imports a module of the checkout. `import` takes a URL, in which `#`, `?` and `%` of a path mean something else. */
export const load = (path) => import(pathToFileURL(inRoot(path)).href);

const nodeMin = [20, 19, 0];

/** Ends the process with a helpful line when Node is too old for the packages used here. */
export function requireNode(version = process.versions.node) {
  if (isAtLeast(version, nodeMin)) return;
  process.stderr.write(
    `Nexus needs Node ${nodeMin.join('.')} or later, and this is ${version}: ` +
      `install one from https://nodejs.org or run \`nvm install 22\`.\n`,
  );
  process.exit(1);
}

/** Whether a version such as `20.19.1` or `22.0.0-rc.1` is at least the given triple. */
export function isAtLeast(version, minimum) {
  const parts = version.split(/[.-]/).map(Number);
  const index = minimum.findIndex((part, position) => parts[position] !== part);
  return index === -1 || parts[index] > minimum[index];
}

/**
 * Runs a script's body; a failure is one readable line and exit code 1.
 * @param does what a script does that takes no arguments: shown for `--help`, and with any other one nothing is done
 */
export async function main(body, does) {
  requireNode();
  try {
    const [argument] = process.argv.slice(2);
    if (does !== undefined && argument !== undefined) {
      if (argument !== '--help' && argument !== '-h') throw new Error(`no arguments are taken: it ${does}`);
      process.stdout.write(`It ${does}. No arguments are taken.\n`);
      return;
    }
    await body();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { inRoot } from './project.mjs';

const waitMsMax = 600_000;
const pollIntervalMs = 200;

/**
 * Runs the work while no other process of this checkout is in here: two terminals may need packages and a build at
 * once. A process that died inside is noticed and its place taken.
 */
export async function exclusively(work) {
  mkdirSync(inRoot('.nexus'), { recursive: true });
  const path = inRoot('.nexus', 'setup.lock');
  const deadline = Date.now() + waitMsMax;
  let told = false;
  while (!entered(path)) {
    if (Date.now() > deadline) throw new Error(`another setup holds ${path}; remove it when none runs`);
    if (dropStale(path)) continue;
    if (!told) process.stderr.write('waiting for another setup of this checkout …\n');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function entered(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Whether the lock was that of a dead process, and is gone now. Another process may have replaced it by its own since we
 * read it: what was moved is looked at again, and put back if somebody living holds it.
 */
function dropStale(path) {
  const aside = `${path}.${process.pid}`;
  try {
    if (isHeld(path)) return false;
    renameSync(path, aside);
    if (isHeld(aside)) linkSync(aside, path);
    return true;
  } catch (error) {
    // Left or taken by somebody else meanwhile: look again. What else goes wrong would go wrong for ever.
    if (error.code === 'ENOENT' || error.code === 'EEXIST') return true;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** An empty file is being written right now. */
function isHeld(path) {
  const pid = Number(readFileSync(path, 'utf8'));
  return pid === 0 || isAlive(pid);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

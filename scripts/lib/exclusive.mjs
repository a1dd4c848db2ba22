import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  while (!entered(path)) {
    if (Date.now() > deadline) throw new Error(`another setup holds ${path}; remove it when none runs`);
    if (!dropStale(path)) await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
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

/** Whether the lock was that of a dead process, and is gone now. */
function dropStale(path) {
  try {
    // An empty file is being written right now.
    const pid = Number(readFileSync(path, 'utf8'));
    if (pid === 0 || isAlive(pid)) return false;
    const aside = `${path}.${process.pid}`;
    renameSync(path, aside);
    rmSync(aside);
    return true;
  } catch {
    return true;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

import { readFile } from 'node:fs/promises';
import { runCommand } from './run-command.js';

const psTimeoutMs = 5_000;

/** Whether a process with this id exists, whoever owns it. A zombie, which only waits for its parent, does not count. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!exists(pid)) return false;
  const stat = await statOf(pid);
  // Without one, it ended just now, or the system has no /proc.
  return stat === undefined ? exists(pid) : stat[0] !== 'Z';
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The arguments of a process; on systems without /proc as one string. Empty when it is gone. */
export async function commandLineOf(pid: number): Promise<string[]> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (line !== undefined) return line.split('\0').filter((argument) => argument !== '');
  const ps = await runCommand('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { timeoutMs: psTimeoutMs });
  return ps.ok ? [ps.stdout.trim()] : [];
}

/** Tells a process from a later one that was given the same id. Empty when it is gone. */
export async function birthOf(pid: number): Promise<string> {
  const stat = await statOf(pid);
  // Field 22 of the whole line, in clock ticks since boot; the first two fields are cut off.
  if (stat !== undefined) return stat[19] ?? '';
  const ps = await runCommand('ps', ['-o', 'lstart=', '-p', String(pid)], { timeoutMs: psTimeoutMs });
  return ps.ok ? ps.stdout.trim() : '';
}

/** The fields of /proc/<pid>/stat after the name, which may itself hold spaces and parentheses. */
async function statOf(pid: number): Promise<string[] | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

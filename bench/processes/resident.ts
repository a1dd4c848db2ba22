import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Memory of a process that lies in RAM, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  // Systems without /proc have ps.
  const text = status ?? `VmRSS: ${(await run('ps', ['-o', 'rss=', '-p', String(pid)])).stdout}`;
  const kibibytes = /VmRSS:\s*(\d+)/.exec(text)?.[1];
  if (kibibytes === undefined) throw new Error(`no memory figure of process ${pid}`);
  return Number(kibibytes) * 1_024;
}

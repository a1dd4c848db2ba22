import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

const lsofTimeoutMs = 3_000;

/** Who listens on a port, as `nats-server (process 17)`; undefined when the system does not tell us. */
export async function holderOf(port: number): Promise<string | undefined> {
  return (await holderInProc(port)) ?? (await holderByLsof(port));
}

/** Linux: the table of sockets names an inode, and a process has it open. Those of others are not ours to see. */
async function holderInProc(port: number): Promise<string | undefined> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => textOf(`/proc/net/${name}`)));
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const handle of handles) {
      const target = await readlink(`/proc/${pid}/fd/${handle}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) {
        return `${(await textOf(`/proc/${pid}/comm`)).trim()} (process ${pid})`;
      }
    }
  }
  return undefined;
}

const listening = '0A';

/** Inodes of the sockets that listen on a port, from the text of `/proc/net/tcp`. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [, local = '', , state] = fields;
    const inode = fields[9];
    return state === listening && local.endsWith(suffix) && inode !== undefined ? [inode] : [];
  });
}

async function holderByLsof(port: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], {
      timeout: lsofTimeoutMs,
    });
    const pid = /^p(\d+)/m.exec(stdout)?.[1];
    const command = /^c(.+)/m.exec(stdout)?.[1];
    return pid === undefined ? undefined : `${command ?? 'a program'} (process ${pid})`;
  } catch {
    return undefined;
  }
}

const textOf = (path: string) => readFile(path, 'utf8').catch(() => '');

import { basename, join } from 'node:path';
import { runDir } from './data-dir-lock.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { storeDir } from './launch.js';
import { commandLineOf, isAlive } from './process-table.js';
import { type ProcessRecord, readRecord, removeRecord } from './record-file.js';
import { runCommand, signalGroup } from './run-command.js';
import { until } from './until.js';

/** The file that remembers the process of a server. */
export const pidFile = (dataDir: string, kind: ServerKind) => join(runDir(dataDir), `${kind}.json`);

const termGraceMs = 5_000;
const killGraceMs = 2_000;
const dockerTimeoutMs = 15_000;

/**
 * Ends servers that an earlier run left behind because it was killed. Only a process whose pid file we wrote and whose
 * command line is a server's on our own data directory: a pid may long belong to somebody else.
 * The caller holds the lock of the directory, so no living run owns them.
 */
export async function sweepOrphans(dataDir: string, log: Log): Promise<void> {
  for (const kind of ['nats', 'redis'] as const) {
    const path = pidFile(dataDir, kind);
    const record = await readRecord(path);
    if (record !== undefined && isOurs(await commandLineOf(record.pid), kind, dataDir)) {
      log(`ending ${serverTraits[kind].binary} (pid ${record.pid}) that an earlier run left behind`);
      await end(record);
    }
    // A container outlives its client.
    if (record?.container !== undefined) await removeContainer(record.container);
    await removeRecord(path);
  }
}

/** Whether a command line is that of a server of this kind on this data directory. */
export function isOurs(commandLine: readonly string[], kind: ServerKind, dataDir: string): boolean {
  // On systems without /proc the whole line is one string.
  const args = commandLine.length === 1 ? (commandLine[0] ?? '').split(' ') : commandLine;
  const program = basename(args[0] ?? '');
  const store = storeDir(dataDir, kind);
  const names =
    commandLine.length === 1
      ? ` ${commandLine[0] ?? ''} `.includes(` ${store} `)
      : args.some((argument) => argument === store || argument.startsWith(`${store}:`));
  return names && (program === serverTraits[kind].binary || program === 'docker');
}

async function end(record: ProcessRecord): Promise<void> {
  const gone = async () => !(await isAlive(record.pid));
  signalGroup(record.pid, 'SIGTERM');
  if (await until(gone, termGraceMs)) return;
  signalGroup(record.pid, 'SIGKILL');
  await until(gone, killGraceMs);
}

/** Best effort: `docker run --rm` usually has removed it already. */
export async function removeContainer(name: string): Promise<void> {
  await runCommand('docker', ['rm', '--force', name], { timeoutMs: dockerTimeoutMs });
}

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lockFile, runDir } from './data-dir-lock.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { storeDir } from './launch.js';
import { birthOf, commandLineOf, isAlive } from './process-table.js';
import { type ProcessRecord, readRecord, removeRecord } from './record-file.js';
import { runCommand, signalGroup } from './run-command.js';
import { until } from './until.js';

const recordSuffix = '.json';
const serverKinds: readonly ServerKind[] = ['nats', 'redis'];

/** The file that remembers a process of this data directory, by the process's name. */
export const recordFile = (dataDir: string, name: string) => join(runDir(dataDir), `${name}${recordSuffix}`);

const termGraceMs = 5_000;
const killGraceMs = 2_000;
const dockerTimeoutMs = 15_000;

/**
 * Ends what an earlier run left behind because it was killed: services first, the servers that they stand on after
 * them. Only a process whose record we wrote and that is still the one of the record: a pid may long belong to somebody
 * else. The caller holds the lock of the directory, so no living run owns them.
 */
export async function sweepOrphans(dataDir: string, log: Log): Promise<void> {
  const names = await recordedNames(dataDir);
  const isServer = (name: string) => serverKinds.some((kind) => kind === name);
  await Promise.all(names.filter((name) => !isServer(name)).map((name) => sweep(dataDir, name, log)));
  for (const name of names.filter(isServer)) await sweep(dataDir, name, log);
}

async function recordedNames(dataDir: string): Promise<string[]> {
  const files = await readdir(runDir(dataDir)).catch((): string[] => []);
  return files
    .filter((file) => file.endsWith(recordSuffix) && file !== lockFile)
    .map((file) => file.slice(0, -recordSuffix.length))
    .sort();
}

async function sweep(dataDir: string, name: string, log: Log): Promise<void> {
  const path = recordFile(dataDir, name);
  const record = await readRecord(path);
  const kind = serverKinds.find((known) => known === name);
  if (record !== undefined && (await isStillOurs(record, kind, dataDir))) {
    log(
      `ending ${kind ? serverTraits[kind].binary : name} (pid ${record.pid}) that an earlier run left behind`,
    );
    await end(record);
  }
  // A container outlives its client.
  if (record?.container !== undefined) await removeContainer(record.container);
  await removeRecord(path);
}

async function isStillOurs(
  record: ProcessRecord,
  kind: ServerKind | undefined,
  dataDir: string,
): Promise<boolean> {
  const commandLine = await commandLineOf(record.pid);
  if (kind !== undefined) return isOurs(commandLine, kind, dataDir);
  // What a service runs does not name the directory: so it must be the very process, too.
  return runsScript(commandLine, record.script) && (await birthOf(record.pid)) === record.birth;
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

/** Whether a command line runs this script. */
export function runsScript(commandLine: readonly string[], script: string | undefined): boolean {
  if (script === undefined) return false;
  return commandLine.length === 1
    ? ` ${commandLine[0] ?? ''} `.includes(` ${script} `)
    : commandLine.includes(script);
}

async function end(record: ProcessRecord): Promise<void> {
  const gone = async () => !(await isAlive(record.pid));
  signalGroup(record.pid, 'SIGTERM');
  // A stopped process hears SIGTERM only once it continues.
  signalGroup(record.pid, 'SIGCONT');
  if (await until(gone, termGraceMs)) return;
  signalGroup(record.pid, 'SIGKILL');
  await until(gone, killGraceMs);
}

/** Best effort: `docker run --rm` usually has removed it already. */
export async function removeContainer(name: string): Promise<void> {
  await runCommand('docker', ['rm', '--force', name], { timeoutMs: dockerTimeoutMs });
}

import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Binary, fetchedBinary, findOnPath } from './find-binary.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { type CommandResult, runCommand } from './run-command.js';
import type { ServersEnvironment } from './servers.config.js';

export interface FetchOptions {
  readonly environment: ServersEnvironment;
  readonly binDir: string;
  readonly log: Log;
}

/** A program, or why there is none. */
export type Fetched = { kind: 'fetched'; binary: Binary } | { kind: 'failed'; reason: string };

const downloadTimeoutMs = 120_000;
const updateTimeoutMs = 120_000;
const localTimeoutMs = 30_000;
const lockPollIntervalMs = 500;
const librariesMax = 64;

/**
 * Fetches a server as Debian packages and unpacks them below `binDir`: nothing is installed, no service is started,
 * and no rights are needed beyond the package lists. Two processes may do so at once; the first to finish wins.
 */
export async function fetchDebian(kind: ServerKind, options: FetchOptions): Promise<Fetched> {
  const tools = await Promise.all(
    ['apt-get', 'apt-cache', 'dpkg', 'dpkg-query'].map((tool) => findOnPath(tool, options.environment)),
  );
  if (tools.includes(undefined)) return failed('no apt here');
  await mkdir(options.binDir, { recursive: true });
  const scratch = await mkdtemp(join(options.binDir, `.${kind}-`));
  try {
    options.log(`fetching ${serverTraits[kind].binary} as Debian packages into ${options.binDir}`);
    const fault = (await download(kind, scratch, options.log)) ?? (await unpack(scratch));
    if (fault !== undefined) return failed(fault);
    const binary = await moveIntoPlace(kind, scratch, options.binDir);
    return binary === undefined ? failed('the packages hold no server') : { kind: 'fetched', binary };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function download(kind: ServerKind, scratch: string, log: Log): Promise<string | undefined> {
  const first = await tryDownload(kind, scratch);
  if (first.ok) return undefined;
  // No package lists yet (a fresh container), or lists so old that their files are gone from the mirror.
  const updated = await updateLists(log);
  if (!updated.ok) return `${first.fault}; ${updated.fault}`;
  const second = await tryDownload(kind, scratch);
  return second.ok ? undefined : second.fault;
}

async function tryDownload(kind: ServerKind, scratch: string): Promise<CommandResult> {
  const packages = serverTraits[kind].debianPackages;
  const depends = await runCommand('apt-cache', [...dependsArguments, ...packages], {
    timeoutMs: localTimeoutMs,
  });
  if (!depends.ok) return depends;
  const installed = await runCommand('dpkg-query', ['-W', '-f', '${db:Status-Abbrev} ${Package}\n'], {
    timeoutMs: localTimeoutMs,
  });
  const libraries = missingLibraries(depends.stdout, installed.stdout);
  return await runCommand('apt-get', ['download', '-q', ...packages, ...libraries], {
    cwd: scratch,
    timeoutMs: downloadTimeoutMs,
  });
}

const dependsArguments = [
  'depends',
  '--recurse',
  ...['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`),
];

/**
 * The libraries that a program needs and this system lacks. Never the C library, which must match the system's loader,
 * nor Perl, which only package scripts use.
 * @param depends output of `apt-cache depends --recurse`: a package's name stands at the start of a line
 * @param installed output of `dpkg-query`: the state, then the name
 */
export function missingLibraries(depends: string, installed: string): string[] {
  const present = new Set(
    installed.split('\n').flatMap((line) => (line.startsWith('ii ') ? [line.slice(3).trim()] : [])),
  );
  const needed = depends.split('\n').filter((line) => /^(lib|lua)(?!c6|perl)[a-z0-9.+-]+$/.test(line));
  return [...new Set(needed)].filter((name) => !present.has(name)).slice(0, librariesMax);
}

async function updateLists(log: Log): Promise<CommandResult> {
  const isRoot = process.getuid?.() === 0;
  const command = isRoot ? 'apt-get' : 'sudo';
  const args = [...(isRoot ? [] : ['-n', 'apt-get']), '-q', 'update'];
  log(`refreshing the package lists (${[command, ...args].join(' ')})`);
  const deadline = performance.now() + updateTimeoutMs;
  for (;;) {
    const result = await runCommand(command, args, { timeoutMs: updateTimeoutMs });
    // Somebody else refreshes them just now: `apt-get update` does not wait for its lock by itself.
    if (result.ok || !/\block\b/.test(result.fault) || performance.now() > deadline) return result;
    await pause(lockPollIntervalMs);
  }
}

async function unpack(scratch: string): Promise<string | undefined> {
  const archives = (await readdir(scratch)).filter((name) => name.endsWith('.deb'));
  for (const archive of archives) {
    const result = await runCommand('dpkg', ['-x', archive, 'tree'], {
      cwd: scratch,
      timeoutMs: localTimeoutMs,
    });
    if (!result.ok) return result.fault;
  }
  return archives.length === 0 ? 'apt-get downloaded nothing' : undefined;
}

async function moveIntoPlace(kind: ServerKind, scratch: string, binDir: string): Promise<Binary | undefined> {
  // A rename is atomic: a reader sees the whole tree or none. It fails when another process was first; theirs is used.
  await rename(join(scratch, 'tree'), join(binDir, kind)).catch(() => undefined);
  return await fetchedBinary(kind, binDir);
}

const failed = (reason: string): Fetched => ({ kind: 'failed', reason });

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NexusError } from '@nexus/contracts';
import { fetchDebian } from './fetch-debian.js';
import { type Binary, findBinary, findOnPath } from './find-binary.js';
import { type Log, type ServerKind, serverTraits } from './kind.js';
import { type CommandResult, runCommand } from './run-command.js';
import type { ServersEnvironment } from './servers.config.js';

/** How a server can be run here. */
export type Program = BinaryProgram | ContainerProgram;

interface BinaryProgram {
  readonly kind: 'binary';
  readonly binary: Binary;
  readonly version: string;
}

interface ContainerProgram {
  readonly kind: 'docker';
  readonly docker: string;
  readonly image: string;
}

interface Failed {
  readonly kind: 'failed';
  readonly reason: string;
}

export interface ProvisionOptions {
  readonly environment: ServersEnvironment;
  /** Folder of fetched programs. */
  readonly binDir: string;
  readonly log: Log;
}

const versionTimeoutMs = 10_000;
const brewTimeoutMs = 600_000;
const dockerTimeoutMs = 10_000;

/**
 * Finds a way to run a server, fetching it when there is none: Debian packages, Homebrew, then Docker.
 * @throws NexusError `unavailable` saying in one line what to install
 */
export async function provision(kind: ServerKind, options: ProvisionOptions): Promise<Program> {
  const reasons: string[] = [];
  const found = await findBinary(kind, options);
  if (found !== undefined) {
    const checked = await checkedProgram(found);
    if (checked.kind === 'binary') return checked;
    reasons.push(checked.reason);
    // Only what we fetched ourselves is ours to throw away, and then it is fetched anew below.
    if (found.path.startsWith(join(options.binDir, kind))) {
      await rm(join(options.binDir, kind), { recursive: true, force: true });
    }
  }
  for (const attempt of [viaDebian, viaBrew, viaDocker]) {
    const outcome = await attempt(kind, options);
    if (outcome.kind !== 'failed') return outcome;
    reasons.push(outcome.reason);
  }
  throw new NexusError('unavailable', `${instruction(kind)} [${reasons.join('; ')}]`);
}

async function viaDebian(kind: ServerKind, options: ProvisionOptions): Promise<Program | Failed> {
  const fetched = await fetchDebian(kind, options);
  return fetched.kind === 'failed' ? fetched : await checkedProgram(fetched.binary);
}

async function viaBrew(kind: ServerKind, options: ProvisionOptions): Promise<Program | Failed> {
  const brew = await findOnPath('brew', options.environment);
  if (brew === undefined) return { kind: 'failed', reason: 'no brew here' };
  const formula = serverTraits[kind].brewFormula;
  options.log(`installing ${formula} with Homebrew (brew install ${formula})`);
  const result = await runCommand(brew.path, ['install', '--quiet', formula], { timeoutMs: brewTimeoutMs });
  if (!result.ok) return failedCommand(result);
  const found = await findBinary(kind, options);
  return found === undefined
    ? { kind: 'failed', reason: `brew installed no ${serverTraits[kind].binary}` }
    : await checkedProgram(found);
}

async function viaDocker(kind: ServerKind, options: ProvisionOptions): Promise<Program | Failed> {
  const docker = await findOnPath('docker', options.environment);
  if (docker === undefined) return { kind: 'failed', reason: 'no docker here' };
  const info = await runCommand(docker.path, ['info', '--format', '{{.ServerVersion}}'], {
    timeoutMs: dockerTimeoutMs,
  });
  if (!info.ok) return { kind: 'failed', reason: 'no docker engine answers' };
  const image = serverTraits[kind].dockerImage;
  options.log(`${serverTraits[kind].binary} runs as the container ${image}`);
  return { kind: 'docker', docker: docker.path, image };
}

/** A program that runs at all: one copied from another machine may not. */
async function checkedProgram(binary: Binary): Promise<BinaryProgram | Failed> {
  const result = await runCommand(binary.path, ['--version'], {
    timeoutMs: versionTimeoutMs,
    variables: libraryVariables(binary),
  });
  if (!result.ok) return failedCommand(result);
  const version = /\d+\.\d+\.\d+/.exec(result.stdout)?.[0] ?? 'unknown';
  return { kind: 'binary', binary, version };
}

export const libraryVariables = (binary: Binary): Record<string, string> =>
  binary.libraryPath === undefined ? {} : { LD_LIBRARY_PATH: binary.libraryPath };

const failedCommand = (result: CommandResult): Failed => ({ kind: 'failed', reason: result.fault });

/** What a person can do about a missing server, in one line. */
export function instruction(kind: ServerKind, platform: NodeJS.Platform = process.platform): string {
  const { binary, brewFormula, urlVariable } = serverTraits[kind];
  const debian = kind === 'nats' ? 'nats-server' : 'redis-server';
  const command =
    platform === 'darwin'
      ? `brew install ${brewFormula}`
      : `sudo apt-get update && sudo apt-get install -y ${debian}`;
  return `${binary} is missing: run \`${command}\`, or set ${urlVariable} to a running server`;
}

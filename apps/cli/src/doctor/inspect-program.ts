import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findBinary, instruction, provisionOptions, type ServerKind } from '@nexus/platform/servers';
import { environmentWith } from '../cli.config.js';
import { fail, type Finding, ok, warn } from './finding.js';

const versionTimeoutMs = 5_000;

/** Whether a server program is here and runs. Fetches nothing. */
export async function inspectProgram(kind: ServerKind, infraDir: string): Promise<Finding> {
  const binary = await findBinary(kind, provisionOptions({ infraDir, log: () => undefined }));
  if (binary === undefined) {
    return warn('not found; nexus up fetches it where it can', instruction(kind));
  }
  try {
    const { stdout } = await promisify(execFile)(binary.path, ['--version'], {
      timeout: versionTimeoutMs,
      env: environmentWith(binary.libraryPath),
    });
    const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? 'of unknown version';
    return ok(`${version} at ${binary.path}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return fail(`${binary.path} does not run: ${reason}`, instruction(kind));
  }
}

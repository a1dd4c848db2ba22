import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { NexusError } from '@nexus/contracts';
import { Advised } from '../ending/next-step.js';
import { type Session } from './session.js';

export interface Program {
  /** Its compiled entry point. */
  readonly entry: string;
  /** Names it in the error, as `the stack`. */
  readonly what: string;
}

/**
 * Runs a program of this checkout in this very process: from here on signals, output and the exit code are its own, and
 * it ends the process.
 * @throws Advised when it was not built
 */
export async function runProgram(
  { installation, interruption }: Session,
  { entry, what }: Program,
  args: readonly string[],
): Promise<void> {
  if (!existsSync(entry)) {
    const missing = new NexusError('unavailable', `${what} is not built`);
    throw new Advised(missing, `run npm run setup in ${installation.root}`);
  }
  interruption.leave();
  process.argv = [process.execPath, entry, ...args];
  await import(pathToFileURL(entry).href);
}

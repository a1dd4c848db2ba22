import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { NexusError } from '@nexus/contracts';
import { Advised } from '../ending/next-step.js';
import { entryOf } from '../session/installation.js';
import { type Session } from '../session/session.js';

/**
 * Runs the embedded default in this very process: from here on signals, output and the exit code are its own, and it
 * ends the process.
 * @throws Advised when it was not built
 */
export async function runStandalone(
  { installation, interruption }: Session,
  args: readonly string[],
): Promise<void> {
  const entry = entryOf(installation, 'standalone');
  if (!existsSync(entry)) {
    const missing = new NexusError('unavailable', 'the stack is not built');
    throw new Advised(missing, `run npm run setup in ${installation.root}`);
  }
  interruption.leave();
  process.argv = [process.execPath, entry, ...args];
  await import(pathToFileURL(entry).href);
}

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { NexusError } from '@nexus/contracts';
import { Advised } from '../ending/next-step.js';
import { entryOf } from '../session/installation.js';
import { type Session } from '../session/session.js';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the embedded default as a child on our terminal; returns its exit code, or 128 and the signal that ended it.
 * @throws Advised when it was not built
 */
export async function runStandalone(session: Session, args: readonly string[]): Promise<number> {
  const entry = entryOf(session.installation, 'standalone');
  if (!existsSync(entry)) {
    const missing = new NexusError('unavailable', 'the stack is not built');
    throw new Advised(missing, `run npm run setup in ${session.installation.root}`);
  }
  // From here on the child decides what a signal means.
  session.interruption.ignore();
  return new Promise((resolve, reject) => {
    // In a group of its own: the terminal's Ctrl-C then comes once, through us, and not twice.
    const child = spawn(process.execPath, [entry, ...args], { stdio: 'inherit', detached: true });
    const pass = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of forwarded) process.on(signal, pass);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of forwarded) process.off(name, pass);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

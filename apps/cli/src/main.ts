import { setTimeout as pause } from 'node:timers/promises';
import { loadCliConfig } from './cli.config.js';
import { Interruption } from './ending/interruption.js';
import { exitCodeOf } from './ending/exit-codes.js';
import { faultOf, tellFault } from './ending/render-error.js';
import { createProgram, isHelp } from './program.js';
import { findInstallation } from './session/installation.js';
import { Output } from './session/output.js';

/** How long a command may take to end after a signal, in milliseconds. */
const endGraceMs = 1_000;

const output = new Output(process.stdout, process.stderr);
const interruption = Interruption.listen();

/** Runs the command line; returns its exit code. */
async function run(argv: readonly string[]): Promise<number> {
  try {
    const session = {
      config: loadCliConfig(),
      output,
      interruption,
      installation: findInstallation(),
      input: process.stdin,
      exitCode: 0,
    };
    await createProgram(session).parseAsync([...argv]);
    return session.exitCode;
  } catch (thrown) {
    if (isHelp(thrown)) return thrown.exitCode === 0 ? 0 : exitCodeOf('invalid_argument');
    if (interruption.signal.aborted) return 0;
    const fault = faultOf(thrown);
    tellFault(output, fault, { json: argv.includes('--json') });
    return exitCodeOf(fault.error.code);
  }
}

async function interrupted(): Promise<number> {
  await new Promise((resolve) => interruption.signal.addEventListener('abort', resolve, { once: true }));
  await pause(endGraceMs);
  return 0;
}

const code = await Promise.race([run(process.argv), interrupted()]);
await output.flushed();
process.exit(interruption.exitCode ?? code);

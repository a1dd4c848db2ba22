import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

/** The repository, seen from a test. */
export const repository = join(import.meta.dirname, '../../..');

/** How a process ended, and all that it wrote. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything that it wrote so far. */
  output(): string;
  /** Sends a signal and resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface ProcessOptions {
  /** Default `node`. */
  readonly command?: string;
  /** For `node` the script first. */
  readonly args: readonly string[];
  /** All that it sees beside where programs and the home directory are: nothing of the machine's own settings. */
  readonly env: Readonly<Record<string, string>>;
  /** What stands on its standard input. */
  readonly input?: string;
}

const endTimeoutMs = 20_000;
const outputCharsMax = 1_000_000;

/** Runs a program in the repository with an environment of its own. */
export function startProcess({
  command = process.execPath,
  args,
  env,
  input,
}: ProcessOptions): ServiceProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, { cwd: repository, env: { PATH, HOME, ...env } });
  const written = { all: '', stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] = (written[name] + text).slice(-outputCharsMax);
      written.all = (written.all + text).slice(-outputCharsMax);
    });
  }
  child.stdin.end(input);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1));
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: written.stdout, stderr: written.stderr }));
  });
  return {
    child,
    ended,
    output: () => written.all,
    end: async (signal) => {
      const force = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
      child.kill(signal);
      const code = await exited;
      clearTimeout(force);
      return code;
    },
  };
}

/** Whether a service on this machine says that it is ready. */
export async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok;
  } catch {
    // It does not listen yet.
    return false;
  }
}

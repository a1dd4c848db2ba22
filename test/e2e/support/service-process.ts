import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The repository, seen from a test. */
export const repository = join(import.meta.dirname, '../../..');

export interface ServiceProcess {
  readonly child: ChildProcess;
  /** Everything that it wrote so far. */
  output(): string;
  /** Sends a signal and resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface ProcessOptions {
  /** Arguments of `node`, the script first. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const endTimeoutMs = 20_000;

/** Runs a compiled program of the repository with an environment of its own. */
export function startProcess({ args, env }: ProcessOptions): ServiceProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written = (written + text).slice(-1_000_000);
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 1));
  });
  return {
    child,
    output: () => written,
    end: async (signal) => {
      const force = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs);
      child.kill(signal);
      const code = await ended;
      clearTimeout(force);
      return code;
    },
  };
}

/** Whether a service on this machine says that it is ready. */
export async function isHealthy(port: number): Promise<true | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}

/** A port that is free right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error()),
      );
    });
  });
}

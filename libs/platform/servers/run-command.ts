import { spawn } from 'node:child_process';
import { childEnvironment } from './servers.config.js';

export interface CommandOptions {
  /** After this the command and its children are killed; in milliseconds. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What went wrong, in one line; empty when nothing did. */
  readonly fault: string;
}

const outputCharsMax = 4_000_000;

/** Runs a command to its end, without a shell, input or terminal. A failure is a result, not an exception. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: childEnvironment({ LC_ALL: 'C', ...options.variables }),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-outputCharsMax);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-outputCharsMax);
    });
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    }, options.timeoutMs);
    const settle = (ok: boolean, reason: string) => {
      clearTimeout(timer);
      const fault = late ? `took longer than ${options.timeoutMs / 1_000} s` : reason;
      resolve({ ok: ok && !late, stdout, fault: ok && !late ? '' : `${command}: ${fault}` });
    };
    child.once('error', (error) => settle(false, error.message));
    child.once('close', (code) => settle(code === 0, lastLine(stderr) || `exit code ${code ?? 'none'}`));
  });
}

/** Signals a process group whose leader we started; whether there was one. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

const lastLine = (text: string) => text.trim().split('\n').at(-1)?.trim() ?? '';

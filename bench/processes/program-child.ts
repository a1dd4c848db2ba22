import { type ChildProcess, spawn } from 'node:child_process';
import { endWithUs } from './end-with-us.js';

export interface ProgramOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Opens a channel for messages. Default false. */
  readonly channel?: boolean;
}

const graceMs = 3_000;
const complaintCharsMax = 2_000;

/** A program that the benchmark started, and ends. */
export class ProgramChild {
  readonly name: string;
  protected readonly process: ChildProcess;
  protected readonly exited: Promise<void>;
  private complaint = '';
  private readonly letBe: () => void;

  constructor({ name, command, args, env, channel = false }: ProgramOptions) {
    this.name = name;
    this.process = spawn(command, args, {
      ...(env && { env }),
      stdio: ['ignore', 'ignore', 'pipe', ...(channel ? ['ipc' as const] : [])],
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-complaintCharsMax);
    });
    this.exited = new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.once('error', () => resolve());
    });
    this.letBe = endWithUs(() => this.process.kill('SIGKILL'));
  }

  /** Rejects when it ends by itself. */
  async failed(): Promise<never> {
    await this.exited;
    throw this.ended();
  }

  /** Asks it to end, and makes it after a while; resolves when it is gone. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    this.process.kill('SIGTERM');
    await this.exited;
    clearTimeout(force);
    this.letBe();
  }

  protected ended(): Error {
    return new Error(`${this.name} ended: ${this.complaint.trim() || 'it said nothing'}`);
  }
}

/** Starts a program once for each node of a cluster. */
export const startNodes = (
  command: string,
  names: readonly string[],
  argsOf: (name: string, index: number) => string[],
): ProgramChild[] =>
  names.map((name, index) => new ProgramChild({ name, command, args: argsOf(name, index) }));

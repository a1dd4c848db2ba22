import { type ChildProcess, spawn } from 'node:child_process';
import { endWithUs } from './end-with-us.js';

const graceMs = 3_000;
const complaintCharsMax = 2_000;

/** A program that the benchmark started, and ends. */
export class ProgramChild {
  private readonly process: ChildProcess;
  private readonly exited: Promise<void>;
  private complaint = '';
  private readonly letBe: () => void;

  constructor(
    readonly name: string,
    command: string,
    args: readonly string[],
  ) {
    this.process = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
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
    throw new Error(`${this.name} ended: ${this.complaint.trim() || 'it said nothing'}`);
  }

  /** Asks it to end, and makes it after a while; resolves when it is gone. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.process.kill('SIGKILL'), graceMs);
    this.process.kill('SIGTERM');
    await this.exited;
    clearTimeout(force);
    this.letBe();
  }
}

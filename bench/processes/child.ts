import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../bench.config.js';
import { endWithUs } from './end-with-us.js';

export interface ChildOptions {
  readonly name: string;
  /** The compiled entry point, below `dist/`. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const graceMs = 3_000;
const complaintCharsMax = 2_000;

/** A Node process that the benchmark started, and ends. */
export class Child {
  readonly name: string;
  private readonly process: ChildProcess;
  private readonly exited: Promise<void>;
  private complaint = '';
  private readonly letBe: () => void;

  constructor({ name, entry, args = [], variables = {} }: ChildOptions) {
    this.name = name;
    this.process = spawn(process.execPath, ['--import', followParent, inDist(entry), ...args], {
      env: childEnvironment(variables),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
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

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /**
   * Hands a message to the child and waits for what it says next.
   * @throws Error when the child ends, or says nothing within `withinMs`
   */
  async ask(message: object, withinMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    let listener: ((reply: unknown) => void) | undefined;
    try {
      return await new Promise((resolve, reject) => {
        listener = resolve;
        this.process.once('message', listener);
        timer = setTimeout(() => reject(new Error(`${this.name}: silent for ${withinMs} ms`)), withinMs);
        void this.exited.then(() => reject(this.ended()));
        this.process.send(message, (error) => {
          if (error) reject(error);
        });
      });
    } finally {
      clearTimeout(timer);
      if (listener) this.process.off('message', listener);
    }
  }

  /** Rejects when the child ends by itself. */
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

  private ended(): Error {
    return new Error(`${this.name} ended: ${this.complaint.trim() || 'it said nothing'}`);
  }
}

/** Seen from this file's compiled place, `dist/bench/processes/`. */
const inDist = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const followParent = new URL('./follow-parent.js', import.meta.url).href;

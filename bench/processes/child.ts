import { fileURLToPath } from 'node:url';
import { childEnvironment } from '../bench.config.js';
import { ProgramChild } from './program-child.js';

export interface ChildOptions {
  readonly name: string;
  /** The compiled entry point, below `dist/`. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

/** A Node process that the benchmark started, can ask, and ends. */
export class Child extends ProgramChild {
  constructor({ name, entry, args = [], variables = {} }: ChildOptions) {
    super({
      name,
      command: process.execPath,
      args: ['--import', followParent, inDist(entry), ...args],
      env: childEnvironment(variables),
      channel: true,
    });
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
}

/** Seen from this file's compiled place, `dist/bench/processes/`. */
const inDist = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const followParent = new URL('./follow-parent.js', import.meta.url).href;

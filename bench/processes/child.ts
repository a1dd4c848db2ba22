import { fileURLToPath } from 'node:url';
import { childEnvironment, profileFolder } from '../bench.config.js';
import { ProgramChild } from './program-child.js';
import { type Weight, type WeighOrder } from './weigh.js';

export interface ChildOptions {
  readonly name: string;
  /** The compiled entry point, below `dist/`. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** It can be told to collect its garbage and say what it holds; see `heldBytes`. Default false. */
  readonly weighed?: boolean;
}

/** A Node process that the benchmark started, can ask, and ends. */
export class Child extends ProgramChild {
  constructor({ name, entry, args = [], variables = {}, weighed = false }: ChildOptions) {
    super({
      name,
      command: process.execPath,
      args: [
        ...profiling(name),
        '--import',
        followParent,
        ...(weighed ? weighing : []),
        inDist(entry),
        ...args,
      ],
      env: childEnvironment(variables),
      channel: true,
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** What a weighed child holds right after a full collection: heap and buffers, in bytes. */
  async heldBytes(): Promise<number> {
    const order: WeighOrder = { weigh: true };
    return ((await this.ask(order, weighWithinMs)) as Weight).heldBytes;
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

const weighWithinMs = 30_000;

/** Seen from this file's compiled place, `dist/bench/processes/`. */
const inDist = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const followParent = new URL('./follow-parent.js', import.meta.url).href;
const weighing = ['--expose-gc', '--import', new URL('./weigh.js', import.meta.url).href];

/** Flags of Node that have it write where its time went, to a file that is named after the child. */
function profiling(name: string): string[] {
  const folder = profileFolder();
  if (folder === undefined) return [];
  const file = `${name.replaceAll(/\W+/g, '-')}-${profiles++}.cpuprofile`;
  return ['--cpu-prof', '--cpu-prof-dir', folder, '--cpu-prof-name', file];
}

let profiles = 0;

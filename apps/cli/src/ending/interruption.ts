import { exitCodes } from './exit-codes.js';

const codes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;
type EndSignal = keyof typeof codes;

/** The user's wish to end: the first signal asks the command to stop, a second one ends the process at once. */
export class Interruption {
  private readonly controller = new AbortController();
  private code: number | undefined;
  private readonly listeners: ReadonlyMap<EndSignal, () => void>;

  private constructor() {
    const names = Object.keys(codes) as EndSignal[];
    this.listeners = new Map(names.map((name) => [name, () => this.end(codes[name])]));
    for (const [name, listener] of this.listeners) process.on(name, listener);
  }

  static listen(): Interruption {
    return new Interruption();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code that the signal stands for, once there was one. */
  get exitCode(): number | undefined {
    return this.code;
  }

  /** Leaves signals to somebody else. */
  ignore(): void {
    for (const [name, listener] of this.listeners) process.off(name, listener);
  }

  private end(code: number): void {
    if (this.code !== undefined) process.exit(code);
    this.code = code;
    this.controller.abort();
  }
}

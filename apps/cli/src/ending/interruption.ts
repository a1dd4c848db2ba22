import { exitCodes } from './exit-codes.js';

const codes = { SIGINT: exitCodes.interrupted, SIGTERM: exitCodes.terminated } as const;
type EndSignal = keyof typeof codes;

/**
 * What ends a command from outside. The first signal asks it to stop, a second one ends the process at once, and so does
 * a reader of its results who goes away.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private code: number | undefined;
  private readonly listeners: ReadonlyMap<EndSignal, () => void>;

  private constructor() {
    const names = Object.keys(codes) as EndSignal[];
    this.listeners = new Map(names.map((name) => [name, () => this.end(codes[name])]));
    for (const [name, listener] of this.listeners) process.on(name, listener);
    process.stdout.on('error', onResultsLost);
    process.stderr.on('error', onNotesLost);
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

  /** Leaves all of that to somebody else. */
  leave(): void {
    for (const [name, listener] of this.listeners) process.off(name, listener);
    process.stdout.off('error', onResultsLost);
    process.stderr.off('error', onNotesLost);
  }

  private end(code: number): void {
    if (this.code !== undefined) process.exit(code);
    this.code = code;
    this.controller.abort();
  }
}

/** `nexus agents | head` closes the pipe early, which is no fault. */
const onResultsLost = (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1);

/** Whether notes are read changes neither the results nor the exit code. */
const onNotesLost = () => undefined;

import { type Colours, coloursFor } from '@nexus/platform/terminal';

/** What a command may say: results on standard output, all else on standard error. */
export class Output {
  /** Colours of results. */
  readonly paint: Colours;
  /** Colours of notes and errors. */
  readonly notePaint: Colours;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly err: NodeJS.WriteStream,
  ) {
    this.paint = coloursFor(out);
    this.notePaint = coloursFor(err);
  }

  /** Whether somebody watches: only then lines may be drawn over. */
  get live(): boolean {
    return this.out.isTTY;
  }

  /** A result for people. */
  print(text: string): void {
    this.out.write(`${text}\n`);
  }

  /** A result for programs, as one line. */
  json(value: unknown): void {
    this.out.write(`${jsonLine(value)}\n`);
  }

  /** Something beside the result. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  /** Clears the terminal, for a view that is drawn anew. */
  clear(): void {
    if (this.live) this.out.write('\u001b[H\u001b[2J');
  }

  /** Resolves once all was handed over; a reader that went away is no reason to wait. */
  async flushed(): Promise<void> {
    await Promise.all([this.out, this.err].map(drained));
  }
}

const drained = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });

/** JSON in one line. The controls that JSON leaves bare are escaped: a terminal would obey them. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

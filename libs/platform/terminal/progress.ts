const barChars = 28;
const redrawMs = 80;
const lineEveryMs = 2_000;

/**
 * Progress of one piece of work: a bar that redraws itself on a terminal, and now and then a line elsewhere, so that a
 * log stays readable and still shows that something moves.
 */
export class Progress {
  private shownAt = Number.NEGATIVE_INFINITY;
  private readonly startedAt = performance.now();

  constructor(
    private readonly label: string,
    private readonly total: number,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {}

  /** @param done of `total` */
  update(done: number): void {
    const now = performance.now();
    if (now - this.shownAt < (this.out.isTTY ? redrawMs : lineEveryMs)) return;
    this.shownAt = now;
    this.out.write(this.out.isTTY ? `\r\x1b[2K${this.line(done)}` : `${this.line(done)}\n`);
  }

  /** Leaves the last state as a line. */
  end(done = this.total): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${this.line(done)}\n`);
  }

  /** Clears the bar, so that another line can stand; the next update draws it again. */
  interrupt(line: string): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${line}\n`);
    this.shownAt = Number.NEGATIVE_INFINITY;
  }

  private line(done: number): string {
    const share = this.total === 0 ? 1 : done / this.total;
    const filled = Math.round(share * barChars);
    const perSecond = Math.round(done / Math.max(0.001, (performance.now() - this.startedAt) / 1_000));
    const bar = '█'.repeat(filled) + '░'.repeat(barChars - filled);
    return `  ${this.label} ${bar} ${done}/${this.total} (${perSecond}/s)`;
  }
}

/** On a terminal one line that changes; else a line now and then. */
export class Progress {
  private shownAt = -Infinity;
  private readonly startedAt = performance.now();

  show(text: string): void {
    const { isTTY } = process.stderr;
    const now = performance.now();
    if (now - this.shownAt < (isTTY ? 200 : 10_000)) return;
    this.shownAt = now;
    const line = `${text}, ${((now - this.startedAt) / 1_000).toFixed(0)} s`;
    process.stderr.write(isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** Leaves nothing behind. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}

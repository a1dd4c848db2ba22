import { type Entry } from '@nexus/core/raft';
import { LmdbLogStore } from '@nexus/platform/log-store';
import { eventually } from '@nexus/testing';
import { entryAt, imageAt } from '../../../trials/log-writer/content.js';
import { startProcess } from '../../e2e/support/service-process.js';

const script = 'dist/trials/log-writer/main.js';

/** A process of its own that writes to a log, and tells what was acknowledged to it. */
export class LogWriter {
  private constructor(private readonly process: ReturnType<typeof startProcess>) {}

  /** @param fileBytesMax the system refuses to let any file of the process grow beyond it */
  static start(directory: string, { fileBytesMax }: { readonly fileBytesMax?: number } = {}): LogWriter {
    if (fileBytesMax === undefined)
      return new LogWriter(startProcess({ args: [script, directory], env: {} }));
    // The unit of `ulimit -f` is 512 bytes, by POSIX.
    const run = `ulimit -f ${Math.ceil(fileBytesMax / 512)}; exec "$0" "$@"`;
    const args = ['-c', run, process.execPath, script, directory];
    return new LogWriter(startProcess({ command: 'sh', args, env: {} }));
  }

  get pid(): number {
    return this.process.child.pid!;
  }

  /** Resolves when it has written so much that there is something to lose. */
  writing(writes = 20): Promise<true> {
    return eventually(
      'the log writer writes',
      () => this.lines('acknowledged').length >= writes || this.dead(),
    );
  }

  /** Stops it in the middle of whatever it does. Returns the last index that was acknowledged. */
  async kill(): Promise<number> {
    this.process.child.kill('SIGKILL');
    await this.process.ended;
    return this.acknowledged;
  }

  get ended(): ReturnType<typeof startProcess>['ended'] {
    return this.process.ended;
  }

  get acknowledged(): number {
    const numbers = [...this.lines('acknowledged'), ...this.lines('holds')].map(Number);
    return Math.max(0, ...numbers);
  }

  /** Of the last snapshot that was acknowledged to this process, 0 when there is none. */
  get snapshot(): number {
    return Math.max(0, ...this.lines('snapshot').map(Number));
  }

  /** What it said after a word, a line each; a line that is cut off was not said. */
  lines(word: string): string[] {
    const lines = this.process.output().split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  }

  private dead(): false {
    if (this.process.child.exitCode !== null) throw new Error(`it ended: ${this.process.output()}`);
    return false;
  }
}

/** Reads the log, and whether each entry, and the image, is what was written there. */
export async function readLog(directory: string): Promise<{
  readonly first: number;
  readonly last: number;
  readonly commit: number;
  readonly foreign: number[];
  readonly snapshot: number;
}> {
  const store = await LmdbLogStore.open({ directory });
  try {
    const { entries, hardState, snapshot } = await store.load();
    const isTaken = snapshot === null || Buffer.compare(snapshot.image, imageAt(snapshot.index)) === 0;
    const isWritten = (entry: Entry) => {
      const expected = entryAt(entry.index);
      return (
        entry.kind === 'command' &&
        expected.kind === 'command' &&
        Buffer.compare(entry.command, expected.command) === 0
      );
    };
    return {
      first: entries[0]?.index ?? 0,
      last: entries.at(-1)?.index ?? 0,
      commit: hardState.commit,
      foreign: entries.filter((entry) => !isWritten(entry)).map(({ index }) => index),
      snapshot: isTaken ? (snapshot?.index ?? 0) : Number.NaN,
    };
  } finally {
    await store.close();
  }
}

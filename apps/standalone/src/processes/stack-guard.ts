import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { checkout } from '../standalone.config.js';

/** Watches over this process from beside it, and ends what it leaves behind should it be killed. */
export class StackGuard {
  private constructor(private readonly child: ChildProcess) {}

  static watch(dataDir: string): StackGuard {
    const entry = join(checkout, 'dist', 'apps', 'standalone', 'src', 'processes', 'guard', 'main.js');
    // In a group of its own: what ends us must not end it first.
    const child = fork(entry, [dataDir, String(process.pid)], {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    // Without it a killed stack leaves processes to the next start, which sweeps them too.
    child.on('error', () => undefined);
    // It keeps nobody alive, and watches only.
    child.unref();
    child.channel?.unref();
    return new StackGuard(child);
  }

  /** Sends it away once nothing is left to end. */
  async dismiss(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.ref();
    if (this.child.kill('SIGKILL')) await ended;
  }
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = join(import.meta.dirname, 'failing-flush.c');

/** Makes flushes of other processes fail, which takes a library that stands before the system's own. */
export class FailingFlush {
  private constructor(
    private readonly folder: string,
    private readonly library: string,
  ) {}

  /** Undefined where no such library can be built: there is no C compiler, or no Linux. */
  static build(): FailingFlush | undefined {
    if (process.platform !== 'linux') return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'nexus-flush-'));
    const library = join(folder, 'failing-flush.so');
    const { status } = spawnSync('cc', ['-shared', '-fPIC', '-o', library, source]);
    const built = new FailingFlush(folder, library);
    if (status === 0) return built;
    built.remove();
    return undefined;
  }

  /** For the environment of a process whose flushes are to fail when it is told so. */
  environmentOf(name: string): Readonly<Record<string, string>> {
    return { LD_PRELOAD: this.library, FAILING_FLUSH: this.orderFor(name) };
  }

  /** The next flush of that process fails, and none after it. */
  async order(name: string): Promise<void> {
    await writeFile(this.orderFor(name), '');
  }

  /** Whether a flush has failed since it was ordered. */
  hasFailed(name: string): boolean {
    return !existsSync(this.orderFor(name));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private orderFor(name: string): string {
    return join(this.folder, `${name}.fail-next-flush`);
  }
}

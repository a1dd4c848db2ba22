import { setTimeout as pause } from 'node:timers/promises';
import { residentBytes } from '../../../../bench/processes/resident.js';
import { type MemberProcess } from '../members/member-process.js';
import { type Life } from '../members/life.js';
import { type Reading } from './slope.js';

const everyMs = 2_000;
const bytesPerMegabyte = 2 ** 20;

/** The memory of every life, read again and again, in megabytes. */
export class ResidentMemory {
  readonly readings = new Map<Life, Reading[]>();
  private readonly stopping = new AbortController();
  private readonly reading: Promise<void>;

  constructor(private readonly members: readonly MemberProcess[]) {
    this.reading = this.read();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.reading;
  }

  private async read(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await Promise.all(this.members.map((member) => this.readOne(member)));
      // Ends early when there is nothing to wait for any more.
      await pause(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async readOne({ life, pid }: MemberProcess): Promise<void> {
    if (life === undefined || pid === undefined) return;
    // It may end while it is looked at.
    const bytes = await residentBytes(pid).catch(() => undefined);
    if (bytes === undefined || life.endedAtMs !== undefined) return;
    const own = this.readings.get(life) ?? [];
    own.push({ atMs: Date.now(), value: bytes / bytesPerMegabyte });
    this.readings.set(life, own);
  }
}

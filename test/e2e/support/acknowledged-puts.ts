import { randomBytes } from 'node:crypto';
import { NexusError } from '@nexus/contracts';
import { type NexusClient } from '@nexus/sdk';

const atOnce = 4;
const valueBytes = 48 * 1_024;
/** What a group without a leader may answer; a put that met it is not acknowledged, and another one follows. */
const passing: readonly string[] = ['unavailable', 'not_leader', 'unknown', 'deadline_exceeded'];

/** Puts, each to a key of its own, and what was acknowledged of them. */
export class AcknowledgedPuts {
  private readonly values = new Map<string, string>();
  private puts = 0;

  constructor(private readonly client: NexusClient) {}

  get keys(): string[] {
    return [...this.values.keys()];
  }

  /** Goes on until so many more were acknowledged. */
  async more(count: number): Promise<void> {
    const target = this.values.size + count;
    await this.until(`${count} more are acknowledged`, () => this.values.size >= target);
  }

  /** Goes on, a few at a time, until what was waited for is so. */
  async until(what: string, isSo: () => boolean, withinMs = 30_000): Promise<void> {
    const deadline = performance.now() + withinMs;
    const line = async () => {
      while (!isSo()) {
        if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms of puts: ${what}`);
        await this.put();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, line));
  }

  /** The acknowledged keys that `read` has another value for, or none. */
  async lostBy(read: (key: string) => Promise<unknown>): Promise<string[]> {
    const lost: string[] = [];
    const rest = this.values.entries();
    const line = async () => {
      for (const [key, value] of rest) if ((await read(key)) !== value) lost.push(key);
    };
    await Promise.all(Array.from({ length: atOnce }, line));
    return lost;
  }

  private async put(): Promise<void> {
    const key = `put-${++this.puts}`;
    const value = randomBytes(valueBytes / 2).toString('hex');
    try {
      await this.client.propose({ type: 'put', key, value });
      this.values.set(key, value);
    } catch (error) {
      if (!(error instanceof NexusError) || !passing.includes(error.code)) throw error;
    }
  }
}

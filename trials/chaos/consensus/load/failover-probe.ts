import { setTimeout as pause } from 'node:timers/promises';
import { DidNotHappen } from '../../waiting.js';
import { type RegisterClient } from './register-client.js';

const everyMs = 10;
const timeoutMs = 2_000;
const probesMax = 3_000;

/**
 * Measures how long nobody can commit: proposes again and again, without waiting for answers, since each may meet a
 * replica that does not answer. Every probe has a key of its own, which nothing else touches.
 */
export class FailoverProbe {
  private readonly pending = new Set<Promise<unknown>>();

  constructor(
    private readonly client: RegisterClient,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * The time from `sinceMs` until the first acknowledgement of what was asked after it, in milliseconds.
   * @throws DidNotHappen when nothing is acknowledged in half a minute
   */
  async untilAcknowledged(name: string, sinceMs: number): Promise<number> {
    let acknowledgedAtMs: number | undefined;
    for (let count = 0; acknowledgedAtMs === undefined; count += 1) {
      this.signal.throwIfAborted();
      if (count >= probesMax) throw new DidNotHappen('nothing is acknowledged any more');
      const call = { kind: 'put', key: `probe.${name}.${count}`, value: `probe-${count}` } as const;
      const probe = this.client.write(call, { timeoutMs }).then((answer) => {
        if (answer?.kind === 'written') acknowledgedAtMs ??= performance.now();
        this.pending.delete(probe);
      });
      this.pending.add(probe);
      await pause(everyMs);
    }
    return acknowledgedAtMs - sinceMs;
  }

  /** Resolves when every probe has its answer, or has none. */
  async settle(): Promise<void> {
    await Promise.all(this.pending);
  }
}

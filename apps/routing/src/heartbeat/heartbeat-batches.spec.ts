import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { agentIdSchema } from '@nexus/contracts';
import { installTelemetry, type Telemetry } from '@nexus/platform/telemetry';
import { inSpan } from '@nexus/wire';
import { trace } from '@opentelemetry/api';
import { batchMax, type Heartbeat } from '../store/route-store.js';
import { HeartbeatBatches } from './heartbeat-batches.js';

let telemetry: Telemetry;
beforeAll(() => {
  telemetry = installTelemetry({ service: 'routing', instanceId: 'r-1', version: '0.1.0' });
});
afterAll(() => telemetry.shutdown());

const load = { cpu: 0, memory: 0, queueDepth: 0 };
const beatsOf = (count: number): Heartbeat[] =>
  Array.from({ length: count }, (_, n) => ({
    agentId: agentIdSchema.parse(`a${n}`),
    tokenHash: `hash of a${n}`,
    load,
  }));

/** Writes down the batches that come, and whether each came within a trace. */
class Ledger {
  readonly sizes: number[] = [];
  traced = 0;

  async heartbeats(beats: readonly Heartbeat[]) {
    this.sizes.push(beats.length);
    if (trace.getActiveSpan()) this.traced += 1;
    if (beats.some(({ agentId }) => agentId === 'a500')) throw new Error('lost');
    return beats.map(({ tokenHash }) =>
      tokenHash.endsWith('3') ? ({ kind: 'unknown' } as const) : ({ kind: 'alive' } as const),
    );
  }
}

describe('HeartbeatBatches', () => {
  it('answers each with its own, in batches within the bound that belong to no trace', async () => {
    const ledger = new Ledger();
    const batches = new HeartbeatBatches(ledger);
    const beats = beatsOf(2 * batchMax + 3);
    const answers = await Promise.all(beats.map((beat) => inSpan('beat', {}, () => batches.take(beat))));
    expect(ledger.sizes).toEqual([batchMax, batchMax, 3]);
    expect(ledger.traced).toBe(0);
    expect(answers.map(({ kind }) => kind === 'unknown')).toEqual(beats.map((_, n) => n % 10 === 3));
  });

  it('fails those of the batch that failed, and no others', async () => {
    const batches = new HeartbeatBatches(new Ledger());
    const taken = await Promise.allSettled(beatsOf(3 * batchMax).map((beat) => batches.take(beat)));
    const failed = taken.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []));
    expect(failed).toEqual(Array.from({ length: batchMax }, (_, n) => 2 * batchMax + n));
  });
});

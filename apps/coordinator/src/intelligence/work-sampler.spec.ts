import { describe, expect, it } from '@jest/globals';
import { type NodeId } from '@nexus/contracts';
import { LoadTable } from '@nexus/core/balancing';
import { SeededRandom } from '@nexus/testing';
import { WorkSampler } from './work-sampler.js';

const seededRandom = (seed: number) => {
  const random = new SeededRandom(seed);
  return () => random.next();
};

const sampler = (capacity: number) =>
  new WorkSampler({ capacity, nodeOf: () => 'n' as NodeId, random: seededRandom(1) });

function begun(watch: WorkSampler, table: LoadTable, agentId: string) {
  const slot = table.upsert(agentId, { weight: 1, window: 8 }, 0);
  table.begin(slot, 0);
  return watch.began(table, slot, 0);
}

describe('WorkSampler', () => {
  it('notes how the agent stood when the work was sent, and how long it took', () => {
    const [watch, table] = [sampler(16), new LoadTable()];
    const first = begun(watch, table, 'a')!;
    const second = begun(watch, table, 'a')!;
    watch.ended(second, 'failed', 7);
    watch.ended(first, 'done', 5);
    const features = { latencyMs: 0.05, reportedLoad: 0.5 };
    const of = { agentId: 'a', node: 'n' };
    expect(watch.take()).toEqual([
      { ...of, features: { ...features, inFlight: 2, occupancy: 0.25 }, latencyMs: 7, ok: false },
      { ...of, features: { ...features, inFlight: 1, occupancy: 0.125 }, latencyMs: 5, ok: true },
    ]);
    expect(watch.take()).toEqual([]);
  });

  it.each(['withdrawn', 'refused'] as const)('notes nothing of work that was %s', (outcome) => {
    const [watch, table] = [sampler(16), new LoadTable()];
    watch.ended(begun(watch, table, 'a')!, outcome, 5);
    expect(watch.take()).toEqual([]);
  });

  it('lets no agent, and not all of them together, take more than their room', () => {
    const [watch, table] = [sampler(10), new LoadTable()];
    const ofOne = Array.from({ length: 8 }, () => begun(watch, table, 'a'));
    expect(ofOne.filter(Boolean)).toHaveLength(4);
    const ofAll = Array.from({ length: 50 }, (_, at) => begun(watch, table, `b${at}`));
    expect(ofAll.filter(Boolean)).toHaveLength(6);
    for (const work of [...ofOne, ...ofAll]) if (work) watch.ended(work, 'done', 1);
    expect(watch.take()).toHaveLength(10);
    // Now it knows how much there is, and looks at a share of it.
    const next = Array.from({ length: 58 }, (_, at) => begun(watch, table, `c${at}`));
    expect(next.slice(0, 29).filter(Boolean).length).toBeLessThan(16);
  });
});

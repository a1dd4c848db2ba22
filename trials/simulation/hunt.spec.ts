import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { assertionFailed, type SimulationResult } from '@nexus/testing';
import { control, hunt } from './hunt.js';
import { mutants } from './mutants/all-mutants.js';
import { type Batch, BatchHung } from './seed-pool.js';
import { loadSimulation, type SubjectName, subjectNames } from './subjects.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the simulation is there for. */
const named: Readonly<Record<SubjectName, readonly string[]>> = {
  raft: [
    ...['vote not persisted', 'vote without log check', 'second vote in a term', 'duplicate votes counted'],
    ...['commit of an old term by counting', 'leader counted before its flush', 'sent before persisted'],
    ...['truncation by an old append', 'vote cleared on same-term step-down', 'missing no-op'],
    ...['follower commit beyond the verified index', 'reused read token', 'timer reset by a refused vote'],
    ...['no timer after step-down', 'election by the committed configuration', 'retry applied twice'],
    ...['old-term votes counted', 'log clock not caught up', 'parts of a snapshot in any order'],
  ],
  gossip: [
    ...['no comparison of generations', 'gap accepted', 'versions believed from a digest'],
    ...['tombstone dropped at once', 'no reset for who missed tombstones', 'converged without all members'],
    ...['converged while somebody is suspected', 'goodbye not taken down', 'nobody suspected'],
    ...['leaf believed about the keys of others', 'budget of a round not spent', 'fan-out of nobody'],
  ],
  causality: [
    ...['no duplicate suppression', 'own sequence gap accepted', 'after ignored', 'start frontier ignored'],
    ...['sequence moved by a targeted send', 'stable without the silent', 'no beacon', 'nothing repaired'],
  ],
};
const seedsMax = 400;
/** Those that few seeds show begin near one that does, as those before it take long. */
const firstSeeds = new Map([
  ['old-term votes counted', 100],
  ['timer reset by a refused vote', 100],
  ['election by the committed configuration', 161],
  ['vote not persisted', 7],
  ['parts of a snapshot in any order', 35],
  ['goodbye not taken down', 15],
]);

/** In this thread: the classes of a planted build are loaded as those of any other. */
const here = {
  run: async ({ subject, folder, seeds }: Batch) => {
    const simulation = await loadSimulation(subject, folder);
    const results: SimulationResult[] = [];
    for (const seed of seeds) {
      results.push(simulation.run(seed));
      if (results.at(-1)!.violation) break;
    }
    return { results };
  },
};

describe('the simulation', () => {
  describe.each(subjectNames)('of %s', (subject) => {
    it.each(named[subject])('catches: %s', async (name) => {
      const mutant = mutants[subject].find((known) => known.name === name)!;
      const from = firstSeeds.get(name) ?? 1;
      const { how, by } = await hunt(mutant, { subject, pool: here, root, seedsMax, from });
      expect([how, by]).toEqual(['invariant', expect.any(String)]);
    });

    it('catches nothing in a build without a mistake', async () => {
      await expect(control({ subject, pool: here, root, seedsMax: 10 })).resolves.toBeUndefined();
    });
  });
});

describe('hunt', () => {
  const subject = 'raft';
  const mutant = mutants[subject][0]!;
  const kept = (seed: number) => ({ ...runSeedResult, seed });
  const runSeedResult = { hash: '', events: 0, virtualMs: 0, coverage: {}, violation: null, lines: [] };

  it('takes a batch that hangs for a slow machine, unless one of its seeds hangs alone', async () => {
    const slow = {
      run: (batch: Batch) =>
        batch.seeds.length > 1
          ? Promise.reject(new BatchHung(batch))
          : Promise.resolve({ results: batch.seeds.map(kept) }),
    };
    expect(await hunt(mutant, { subject, pool: slow, root, seedsMax: 10 })).toMatchObject({
      by: null,
      how: null,
    });
    const hanging = {
      run: (batch: Batch) =>
        batch.seeds.includes(7)
          ? Promise.reject(new BatchHung(batch))
          : Promise.resolve({ results: batch.seeds.map(kept) }),
    };
    expect(await hunt(mutant, { subject, pool: hanging, root, seedsMax: 10 })).toMatchObject({
      by: 'a run ends',
      how: 'hang',
      afterSeeds: 7,
    });
  });

  it('tells a crash from an invariant, and fails when nothing was planted', async () => {
    const violation = { invariant: assertionFailed, detail: '', atMs: 0 };
    const crashing = {
      run: ({ seeds: [seed] }: Batch) => Promise.resolve({ results: [{ ...kept(seed!), violation }] }),
    };
    expect(await hunt(mutant, { subject, pool: crashing, root, seedsMax: 5 })).toMatchObject({
      how: 'crash',
    });
    await expect(control({ subject, pool: crashing, root, seedsMax: 5 })).rejects.toThrow(
      'without any mistake',
    );
  });
});

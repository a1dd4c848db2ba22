import { Coverage, type SimulationResult } from '@nexus/testing';
import { SeedPool } from './seed-pool.js';
import { type SubjectName } from './subjects.js';

interface RunSeedsOptions {
  readonly subject: SubjectName;
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  readonly progress: (done: number, violations: number) => void;
}

export interface SeedsReport {
  readonly seeds: number;
  readonly violations: readonly Pick<SimulationResult, 'seed' | 'violation'>[];
  readonly events: number;
  readonly virtualMs: number;
  readonly coverage: Coverage;
}

const batchSeeds = 25;

/** Runs seeds on threads. */
export async function runSeeds(options: RunSeedsOptions): Promise<SeedsReport> {
  const { subject, from, seeds, workers, progress } = options;
  const pool = new SeedPool(workers);
  const coverage = new Coverage();
  const violations: Pick<SimulationResult, 'seed' | 'violation'>[] = [];
  let events = 0;
  let virtualMs = 0;
  let done = 0;
  let next = from;
  const end = from + seeds;
  const work = async () => {
    while (next < end) {
      const first = next;
      next = Math.min(end, first + batchSeeds);
      const batch = Array.from({ length: next - first }, (_, at) => first + at);
      const { results } = await pool.run({ subject, folder: null, seeds: batch, stopsAtViolation: false });
      for (const result of results) {
        coverage.add(result.coverage);
        events += result.events;
        virtualMs += result.virtualMs;
        if (result.violation) violations.push({ seed: result.seed, violation: result.violation });
      }
      done += batch.length;
      progress(done, violations.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    await pool.close();
  }
  violations.sort((a, b) => a.seed - b.seed);
  return { seeds, violations, events, virtualMs, coverage };
}

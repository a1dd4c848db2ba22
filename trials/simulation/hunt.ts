import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mutant } from './mutants/mutant.js';
import { plant } from './mutants/plant.js';
import { BatchHung, type SeedPool } from './seed-pool.js';

export interface Catch {
  readonly mutant: Mutant;
  /** The promise that was found broken; null when the mutant survives. */
  readonly by: string | null;
  readonly afterSeeds: number;
}

/** Small, as most mutants are caught at once; larger later on. */
const firstBatch = 5;

interface HuntOptions {
  readonly pool: SeedPool;
  /** Of the checkout. */
  readonly root: string;
  /** A mutant that breaks no promise on so many survives. */
  readonly seedsMax: number;
}

/** Plants a mistake and runs seeds until a promise is broken. */
export async function hunt(mutant: Mutant, { pool, root, seedsMax }: HuntOptions): Promise<Catch> {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-mutant-'));
  try {
    plant(mutant, root, folder);
    let size = firstBatch;
    for (let done = 0; done < seedsMax; size = Math.min(2 * size, 50)) {
      const seeds = Array.from({ length: Math.min(size, seedsMax - done) }, (_, at) => done + at + 1);
      const { results } = await pool.run({ folder, seeds, stopsAtViolation: true });
      const last = results.at(-1);
      if (last?.violation) return { mutant, by: last.violation.invariant, afterSeeds: done + results.length };
      done += seeds.length;
    }
    return { mutant, by: null, afterSeeds: seedsMax };
  } catch (error) {
    if (error instanceof BatchHung)
      return { mutant, by: 'a run ends', afterSeeds: error.batch.seeds.at(-1) ?? 0 };
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertionFailed, type SimulationResult } from '@nexus/testing';
import { type Mutant } from './mutants/mutant.js';
import { plant } from './mutants/plant.js';
import { type Batch, BatchHung, type SeedPool } from './seed-pool.js';
import { foldersOf, type SubjectName } from './subjects.js';

/** An invariant of the simulation saw it; or the mistake itself crashed, or did not come back. */
export type CaughtBy = 'invariant' | 'crash' | 'hang';

export interface Catch {
  readonly mutant: Mutant;
  /** The promise that was found broken; null when the mutant survives. */
  readonly by: string | null;
  readonly how: CaughtBy | null;
  readonly afterSeeds: number;
}

/** Small, as most mutants are caught at once; larger later on. */
const firstBatch = 5;
const largestBatch = 50;

interface HuntOptions {
  readonly subject: SubjectName;
  readonly pool: Pick<SeedPool, 'run'>;
  /** Of the checkout. */
  readonly root: string;
  /** A mutant that breaks no promise on so many survives. */
  readonly seedsMax: number;
  /** The first seed; 1 when unset. */
  readonly from?: number;
}

type Broken = Pick<Catch, 'by' | 'how' | 'afterSeeds'>;

/** Plants a mistake and runs seeds until a promise is broken. */
export async function hunt(mutant: Mutant, options: HuntOptions): Promise<Catch> {
  return { mutant, ...(await search(mutant, options)) };
}

/**
 * The same without any mistake: what is caught then is the fault of the build or of the machine, and so might be what is
 * caught with one.
 * @throws Error when a promise is broken
 */
export async function control(options: HuntOptions): Promise<void> {
  const { by, afterSeeds } = await search(null, options);
  if (by !== null)
    throw new Error(`without any mistake a promise is broken: ${by}, after ${afterSeeds} seeds`);
}

async function search(
  mutant: Mutant | null,
  { subject, pool, root, seedsMax, from = 1 }: HuntOptions,
): Promise<Broken> {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-mutant-'));
  try {
    plant(mutant, { root, folders: foldersOf(subject), target: folder });
    let size = firstBatch;
    for (let done = 0; done < seedsMax; size = Math.min(2 * size, largestBatch)) {
      const seeds = Array.from({ length: Math.min(size, seedsMax - done) }, (_, at) => from + done + at);
      const broken = await firstBroken(pool, { subject, folder, seeds, stopsAtViolation: true });
      if (broken) return { ...broken, afterSeeds: done + broken.afterSeeds };
      done += seeds.length;
    }
    return { by: null, how: null, afterSeeds: seedsMax };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a batch that takes too long the seeds are run alone: the machine may be slow, and only what hangs by itself hangs. */
async function firstBroken(pool: HuntOptions['pool'], batch: Batch): Promise<Broken | null> {
  try {
    const { results } = await pool.run(batch);
    const violation = results.at(-1)?.violation;
    return violation ? { ...sorted(violation), afterSeeds: results.length } : null;
  } catch (error) {
    if (!(error instanceof BatchHung)) throw error;
  }
  if (batch.seeds.length === 1) return { by: 'a run ends', how: 'hang', afterSeeds: 1 };
  for (const [at, seed] of batch.seeds.entries()) {
    const broken = await firstBroken(pool, { ...batch, seeds: [seed] });
    if (broken) return { ...broken, afterSeeds: at + 1 };
  }
  return null;
}

function sorted({ invariant }: NonNullable<SimulationResult['violation']>): Pick<Catch, 'by' | 'how'> {
  return { by: invariant, how: invariant === assertionFailed ? 'crash' : 'invariant' };
}

import { parentPort } from 'node:worker_threads';
import { runSeed } from '@nexus/testing';
import { loadCores } from './load-cores.js';
import { type Batch, type BatchResult } from './seed-pool.js';

// One thread of the pool: runs batches of seeds, one after the other.
parentPort?.on('message', (batch: Batch) => {
  void run(batch).then((result) => parentPort?.postMessage(result));
});

async function run({ folder, seeds, stopsAtViolation }: Batch): Promise<BatchResult> {
  const cores = await loadCores(folder);
  const results: BatchResult['results'] = [];
  for (const seed of seeds) {
    const { lines: _, ...result } = runSeed(seed, { cores });
    results.push(result);
    if (stopsAtViolation && result.violation) break;
  }
  return { results };
}

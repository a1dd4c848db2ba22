import { parentPort } from 'node:worker_threads';
import { type Batch, type BatchResult } from './seed-pool.js';
import { loadSimulation } from './subjects.js';

// One thread of the pool: runs batches of seeds, one after the other.
parentPort?.on('message', (batch: Batch) => {
  void run(batch).then((result) => parentPort?.postMessage(result));
});

async function run({ subject, folder, seeds, stopsAtViolation }: Batch): Promise<BatchResult> {
  const simulation = await loadSimulation(subject, folder);
  const results: BatchResult['results'] = [];
  for (const seed of seeds) {
    const { lines: _, ...result } = simulation.run(seed);
    results.push(result);
    if (stopsAtViolation && result.violation) break;
  }
  return { results };
}

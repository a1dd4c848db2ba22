import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { NexusError } from '@nexus/contracts';
import { type Trained, type TrainingTask } from './train-all.js';

const program = join('dist', 'apps', 'intelligence', 'src', 'training', 'worker', 'main.js');

/** The built program, wherever this file was started from: a bundle, the build, or the sources. */
function findProgram(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const path = join(folder, program);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new NexusError('internal', `${program} is missing: build first`);
  }
}

/**
 * Trains in a thread, which is ended when the signal says so.
 * @throws NexusError `internal` when the thread dies, and the reason of the signal
 */
export async function trainInThread(task: TrainingTask, signal: AbortSignal): Promise<Trained> {
  const thread = new Worker(findProgram(), { workerData: task });
  const end = () => void thread.terminate();
  try {
    return await new Promise<Trained>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', (cause) => reject(new NexusError('internal', 'the training failed', { cause })));
      thread.once('exit', (code) => reject(new NexusError('internal', `the training ended with ${code}`)));
      const abort = () => reject(signal.reason as Error);
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
  } finally {
    end();
  }
}

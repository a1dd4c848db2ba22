import { Worker } from 'node:worker_threads';
import { type SimulationResult } from '@nexus/testing';
import { type SubjectName } from './subjects.js';

export interface Batch {
  readonly subject: SubjectName;
  /** See `loadSimulation`. */
  readonly folder: string | null;
  readonly seeds: readonly number[];
  readonly stopsAtViolation: boolean;
}

export interface BatchResult {
  readonly results: Omit<SimulationResult, 'lines'>[];
}

/** A batch that takes so long is given up; its seeds are tried one by one, to see whether one of them hangs. */
const batchMsMax = 120_000;

export class BatchHung extends Error {
  constructor(readonly batch: Batch) {
    super(`no answer within ${batchMsMax} ms to seeds ${batch.seeds[0]} to ${batch.seeds.at(-1)}`);
  }
}

/** Threads that simulate. A batch goes to whichever is free. */
export class SeedPool {
  private readonly free: Worker[] = [];
  private readonly waiting: ((worker: Worker) => void)[] = [];

  constructor(size: number) {
    for (let at = 0; at < size; at++) this.free.push(startWorker());
  }

  /** @throws BatchHung when the thread does not come back; its place is taken by a new one */
  async run(batch: Batch): Promise<BatchResult> {
    const worker = await this.take();
    try {
      const result = await answerOf(worker, batch);
      this.give(worker);
      return result;
    } catch (error) {
      await worker.terminate();
      this.give(startWorker());
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.free.splice(0).map((worker) => worker.terminate()));
  }

  private take(): Promise<Worker> {
    const worker = this.free.pop();
    return worker ? Promise.resolve(worker) : new Promise((resolve) => this.waiting.push(resolve));
  }

  private give(worker: Worker): void {
    const next = this.waiting.shift();
    if (next) next(worker);
    else this.free.push(worker);
  }
}

function startWorker(): Worker {
  return new Worker(new URL('./seed-worker.js', import.meta.url));
}

function answerOf(worker: Worker, batch: Batch): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(deadline);
      worker.removeAllListeners('message').removeAllListeners('error');
    };
    const deadline = setTimeout(() => {
      settle();
      reject(new BatchHung(batch));
    }, batchMsMax);
    worker.once('message', (result: BatchResult) => {
      settle();
      resolve(result);
    });
    worker.once('error', (error) => {
      settle();
      reject(error);
    });
    worker.postMessage(batch);
  });
}

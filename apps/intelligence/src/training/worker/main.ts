import { parentPort, workerData } from 'node:worker_threads';
import { trainAll, type TrainingTask } from '../train-all.js';

// A thread of its own: to train takes a core for a moment, and requests must not wait for that.
parentPort?.postMessage(trainAll(workerData as TrainingTask));

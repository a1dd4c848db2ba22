import { availableParallelism } from 'node:os';

/** How many workers a service is told to have. */
export type WorkerCount = number | 'auto';

/** `auto` is one a core but one, which the broker and the system need as much as we do. */
export const workersFor = (count: WorkerCount, cores: number = availableParallelism()): number =>
  count === 'auto' ? Math.max(1, cores - 1) : count;

import { onceSignalled } from '@nexus/platform/service';

/** Exit codes of a process that left work undone, by the shells' convention. */
const interrupted = 130;
const brokenPipe = 141;

/**
 * Resolves once the process is to end, by a signal or because nobody takes what it says any more (`npm start | head`),
 * with the exit code for work that is under way then.
 */
export const askedToEnd = (): Promise<number> =>
  Promise.race([onceSignalled().then(() => interrupted), outputLost().then(() => brokenPipe)]);

/** The listeners stay: each further line fails again, and a fault that nobody listens to ends the process at once. */
const outputLost = (): Promise<void> =>
  new Promise((resolve) => {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve());
  });

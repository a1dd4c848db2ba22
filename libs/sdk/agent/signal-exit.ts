const closers = new Set<() => Promise<void>>();

/**
 * Closes in order on SIGTERM and SIGINT, then exits with code 0. One listener serves all agents of the process.
 * @returns how to be left out again; without anything left to close, the signals are the process's own again
 */
export function closeOnSignals(close: () => Promise<void>): () => void {
  if (closers.size === 0) {
    process.on('SIGTERM', exitInOrder);
    process.on('SIGINT', exitInOrder);
  }
  closers.add(close);
  return () => {
    if (closers.delete(close) && closers.size === 0 && !exiting) {
      process.off('SIGTERM', exitInOrder);
      process.off('SIGINT', exitInOrder);
    }
  };
}

let exiting = false;

function exitInOrder(): void {
  // A second signal must not cut the first one's order short.
  if (exiting) return;
  exiting = true;
  void Promise.allSettled([...closers].map((close) => close())).then(() => process.exit(0));
}

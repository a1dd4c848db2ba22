const endSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Resolves with the first signal that asks the process to end. A second one ends it at once, whatever is pending. */
export function onceSignalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of endSignals) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve(signal);
      });
    }
  });
}

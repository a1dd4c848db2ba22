/** Answers each message of the parent process with what `handle` makes of it; a fault ends the process. */
export function answerParent(handle: (message: unknown) => Promise<object>): void {
  process.on('message', (message) => {
    handle(message)
      .then((reply) => process.send?.(reply))
      .catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      });
  });
  // The benchmark drops the whole fleet with its prefix: there is nobody left to say goodbye to.
  process.once('SIGTERM', () => process.exit(0));
}

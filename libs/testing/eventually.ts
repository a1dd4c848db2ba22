const pollMs = 20;

/**
 * Looks again and again until there is something to find.
 * @param what in words, for the error
 * @param look finds nothing while it gives false, null or undefined
 * @throws Error naming `what` when nothing was found within `withinMs`
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) {
      return found as NonNullable<Exclude<T, false>>;
    }
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** A broken assumption of ours: never caught on the way, never a reason to fall back to a lower layer. */
export class Defect extends Error {
  override readonly name = 'Defect';
}

/**
 * Checks an assumption; on in production.
 * @param sentence what must hold, in words; it becomes the message.
 * @throws Defect when `condition` is false
 */
export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Defect(sentence);
}

/** Closes a `switch` over a union: the compiler complains when a case is forgotten, and so does the run. */
export function assertNever(value: never): never {
  throw new Defect(`unexpected variant: ${JSON.stringify(value)}`);
}

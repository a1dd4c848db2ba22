/** A promise of the simulated system was broken. It ends the run; `invariant` names the promise. */
export class Violation extends Error {
  override readonly name = 'Violation';

  constructor(
    readonly invariant: string,
    readonly detail: string,
  ) {
    super(`${invariant}: ${detail}`);
  }
}

/**
 * Checks a promise of the simulated system. `detail` is made only when it is broken.
 * @throws Violation
 */
export function hold(condition: boolean, invariant: string, detail: () => string): asserts condition {
  if (!condition) throw new Violation(invariant, detail());
}

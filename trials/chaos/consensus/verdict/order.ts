import { type Acknowledged } from '../load/recorder.js';

/** A write that was acknowledged before another one began, and stands after it, or in a later term. */
export interface Disorder {
  readonly first: Acknowledged;
  readonly second: Acknowledged;
}

/**
 * Acknowledgements that contradict time: whatever is proposed after an acknowledgement has a greater index, in no earlier
 * term. An old leader that acknowledges what it cannot commit any more is found by this.
 */
export function disorders(acknowledged: readonly Acknowledged[]): Disorder[] {
  const byInvocation = [...acknowledged].sort((a, b) => a.invokedAtMs - b.invokedAtMs);
  const byReturn = [...acknowledged].sort((a, b) => a.returnedAtMs - b.returnedAtMs);
  const found: Disorder[] = [];
  let returned = 0;
  let highest: Acknowledged | undefined;
  for (const second of byInvocation) {
    for (; byReturn[returned] && byReturn[returned]!.returnedAtMs < second.invokedAtMs; returned += 1) {
      const next = byReturn[returned]!;
      if (highest === undefined || next.index > highest.index) highest = next;
    }
    const first = highest;
    if (first && (second.index <= first.index || second.term < first.term)) found.push({ first, second });
  }
  return found;
}

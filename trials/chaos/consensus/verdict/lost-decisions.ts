import { type RegisterAnswer } from '@nexus/testing';
import { type Acknowledged } from '../load/recorder.js';

export type Reading = Extract<RegisterAnswer, { kind: 'value' }>;

/** An acknowledged write that is not there any more. */
export interface LostDecision {
  readonly key: string;
  readonly acknowledged: { readonly value: string; readonly version: number };
  /** Null: the key could not be read at all. */
  readonly found: { readonly value: string | null; readonly version: number } | null;
}

/**
 * Acknowledged writes of which the last reading knows nothing. A key may have been written since, which its version
 * tells: it only grows.
 */
export function lostDecisions(
  acknowledged: readonly Acknowledged[],
  readings: ReadonlyMap<string, Reading>,
): LostDecision[] {
  return acknowledged.flatMap(({ call, value, version }) => {
    const reading = readings.get(call.key);
    const isThere =
      reading !== undefined &&
      (reading.version > version || (reading.version === version && reading.value === value));
    // What was decided stands for good: nothing comes after it.
    const stands = call.kind !== 'decide' || reading?.version === version;
    if (isThere && stands) return [];
    const found = reading ? { value: reading.value, version: reading.version } : null;
    return [{ key: call.key, acknowledged: { value, version }, found }];
  });
}

import { assertNever } from '@nexus/core/invariant';
import { fingerprint } from './fingerprint.js';

/** Which agents a round robin runs over. */
export type TargetSet =
  | { kind: 'all' }
  | { kind: 'group'; group: string }
  | { kind: 'capability'; capability: string }
  | { kind: 'ids'; ids: readonly string[] };

/**
 * The name under which a target set's numbers are counted: `all`, `group:<g>`, `capability:<c>` or
 * `ids:<16 hex digits>`. Equal sets have equal keys, whatever the order of their ids. Two different lists of ids
 * that collide would share one series of numbers: less even, never wrong.
 */
export function targetSetKey(targetSet: TargetSet): string {
  switch (targetSet.kind) {
    case 'all':
      return 'all';
    case 'group':
      return `group:${targetSet.group}`;
    case 'capability':
      return `capability:${targetSet.capability}`;
    case 'ids':
      return `ids:${fingerprint([...targetSet.ids].sort())}`;
    default:
      return assertNever(targetSet);
  }
}

import { type TargetSet } from '@nexus/core/balancing';
import { assert } from '@nexus/core/invariant';

/** A selector as anybody may write it. */
interface Targeting {
  readonly ids?: readonly string[] | undefined;
  readonly group?: string | undefined;
  readonly capability?: string | undefined;
  readonly all?: true | undefined;
}

/** The cores' form of a selector: a union, where the wire has one field of four. */
export function targetSetOf({ ids, group, capability, all }: Targeting): TargetSet {
  if (ids !== undefined) return { kind: 'ids', ids };
  if (group !== undefined) return { kind: 'group', group };
  if (capability !== undefined) return { kind: 'capability', capability };
  assert(all, 'a selector that passed its schema names exactly one kind of target');
  return { kind: 'all' };
}

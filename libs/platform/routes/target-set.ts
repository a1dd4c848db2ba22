import { type Selector } from '@nexus/contracts';
import { type RouteSelector } from '@nexus/core/route-table';
import { assert } from '@nexus/core/invariant';

/** The selector of a request as the route table and the balancing take it: a union instead of one field of four. */
export function targetSetOf({ ids, group, capability, all }: Selector): RouteSelector {
  if (ids !== undefined) return { kind: 'ids', ids };
  if (group !== undefined) return { kind: 'group', group };
  if (capability !== undefined) return { kind: 'capability', capability };
  assert(all, 'a selector names one of ids, group, capability, all');
  return { kind: 'all' };
}

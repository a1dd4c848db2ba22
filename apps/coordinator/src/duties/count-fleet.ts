import { type FleetCensus, type Group, type Liveness, type Route } from '@nexus/contracts';

/** Most groups that a census lists: an event must fit a message, however many groups agents invent. */
export const groupsListedMax = 256;

interface Counts {
  alive: number;
  suspected: number;
}

const none = (): Counts => ({ alive: 0, suspected: 0 });
const total = ({ alive, suspected }: Counts) => alive + suspected;

/** Counts agents, over all and by group. */
export function countFleet(
  routes: Iterable<Pick<Route, 'liveness' | 'groups'>>,
): Omit<FleetCensus, 'at' | 'by'> {
  const all = none();
  const byGroup = new Map<Group, Counts>();
  for (const { liveness, groups } of routes) {
    all[liveness] += 1;
    for (const group of groups) {
      const counts = byGroup.get(group) ?? none();
      counts[liveness satisfies Liveness] += 1;
      byGroup.set(group, counts);
    }
  }
  const ranked = [...byGroup].sort(
    ([a, counts], [b, others]) => total(others) - total(counts) || (a < b ? -1 : 1),
  );
  return {
    ...all,
    groups: ranked.slice(0, groupsListedMax).map(([group, counts]) => ({ group, ...counts })),
    groupsLeftOut: Math.max(0, ranked.length - groupsListedMax),
  };
}

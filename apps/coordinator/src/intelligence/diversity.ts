import { type Route } from '@nexus/contracts';

/** Of larger fleets so many agents are looked at, evenly over all. */
const looksMax = 64;

const known = new WeakMap<readonly Route[], number>();

/**
 * How different agents are: 0 when all have the same capabilities and node, 1 when no two have. Worked out once for as
 * long as the route table hands the same resolution out.
 */
export function diversityOf(agents: readonly Route[]): number {
  const before = known.get(agents);
  if (before !== undefined) return before;
  const diversity = measured(agents);
  known.set(agents, diversity);
  return diversity;
}

function measured(agents: readonly Route[]): number {
  const looks = Math.min(agents.length, looksMax);
  if (looks < 2) return 0;
  const kinds = new Set<string>();
  for (let look = 0; look < looks; look++)
    kinds.add(kindOf(agents[Math.floor((look * agents.length) / looks)]!));
  return (kinds.size - 1) / (looks - 1);
}

/** A row of the route table is replaced when anything of it changes. */
const kinds = new WeakMap<Route, string>();

function kindOf(route: Route): string {
  const before = kinds.get(route);
  if (before !== undefined) return before;
  const { node, capabilities } = route;
  const kind = `${node ?? ''} ${[...capabilities].sort().join(' ')}`;
  kinds.set(route, kind);
  return kind;
}

import { limits, type Route } from '@nexus/contracts';
import { planRelays, type Subtree, type Target } from '@nexus/core/relay-tree';
import { type Ways, waysTo } from '../reach.js';

/** How the targets of one resolution are reached over relays, and those who cannot be. */
export interface RelayReach {
  readonly subtrees: readonly Subtree[];
  readonly direct: Ways;
}

/**
 * Whoever hears groups also hears what others pass on to it. A host is one who speaks for many already: its agents are asked
 * there, and relay for nobody. One that is suspected to be dead is asked, and asks nobody.
 */
function targetOf({ host, groupSubjects, relay, liveness, node }: Route): Target {
  const relayed = host === undefined && groupSubjects === true;
  return { node, relayed, relays: relayed && relay === true && liveness === 'alive' };
}

const reaches = new WeakMap<readonly Route[], RelayReach>();

/** Worked out once for as long as the table hands the same resolution out. */
export function relayReachOf(agents: readonly Route[]): RelayReach {
  const known = reaches.get(agents);
  if (known) return known;
  const { subtrees, direct } = planRelays(agents.map(targetOf), limits.relayTargetsMax);
  const reach = { subtrees, direct: waysTo(agents, direct) };
  reaches.set(agents, reach);
  return reach;
}

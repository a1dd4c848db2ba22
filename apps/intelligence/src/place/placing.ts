/*
 * Where is work done soonest? Each thing that is placed makes its node slower for the next: so they go one by one to where
 * the next one would take least, and spread by themselves. Where too little is known of a node, hashing decides, which needs to
 * know nothing, keeps a key where it was, and lets no node have much more than its part.
 */
import { Candidates, balancerOf, hashOf, LoadTable, PickRequest } from '@nexus/core/balancing';

/** A node that may host something. */
export interface PlaceableNode {
  readonly node: string;
  readonly agents: number;
  /** What work there takes now, in milliseconds; null when too little is known. */
  readonly predictedMs: number | null;
  readonly samples: number;
}

export interface Placing {
  /** A node for each, in order. */
  readonly placed: readonly string[];
  readonly by: 'model' | 'consistent_hashing';
}

/**
 * Places so many things.
 * @param nodes at least one
 * @param key names what is placed: the same key goes to the same nodes, where hashing decides
 */
export function placeOn(nodes: readonly PlaceableNode[], count: number, key: string): Placing {
  const inOrder = [...nodes].sort((one, other) => (one.node < other.node ? -1 : 1));
  return inOrder.every(({ predictedMs }) => predictedMs !== null)
    ? { placed: byPrediction(inOrder, count), by: 'model' }
    : { placed: byHashing(inOrder, count, key), by: 'consistent_hashing' };
}

/** With one more on each of its agents a node takes twice as long: of several on few agents the next waits. */
function byPrediction(nodes: readonly PlaceableNode[], count: number): string[] {
  const placedOn = new Array<number>(nodes.length).fill(0);
  return Array.from({ length: count }, () => {
    let best = 0;
    let bestMs = Infinity;
    for (const [at, { predictedMs, agents }] of nodes.entries()) {
      const nextMs = Math.max(predictedMs ?? 0, timeMin) * (1 + placedOn[at]! / Math.max(1, agents));
      if (nextMs >= bestMs) continue;
      best = at;
      bestMs = nextMs;
    }
    placedOn[best]! += 1;
    return nodes[best]!.node;
  });
}

/** Below, in milliseconds, times do not differ: one that answers in no time does not get everything. */
const timeMin = 0.05;

/** Consistent hashing with bounded loads, a node having as many parts as it has agents. */
function byHashing(nodes: readonly PlaceableNode[], count: number, key: string): string[] {
  const table = new LoadTable();
  for (const { node, agents } of nodes)
    table.upsert(node, { weight: Math.max(1, agents), window: count + 1 }, 0);
  const candidates = Candidates.of(
    table,
    nodes.map(({ node }) => node),
  );
  const request = new PickRequest(candidates, () => 0);
  const balancer = balancerOf('consistent_hash', { roundRobinShare: 0 });
  return Array.from({ length: count }, (_, at) => {
    request.affinity = hashOf(count === 1 ? key : `${key} ${at}`);
    const slot = balancer.pick(request);
    table.begin(slot, 0);
    return table.idOf(slot);
  });
}

import { medianOf } from '@nexus/core/learning';
import { type LatencyPredictor } from '@nexus/prediction';
import { type PastWork } from '../history/told-outcome.js';
import { type PlaceableNode } from './placing.js';

/** How the agents of a node stood of late. */
export interface NodeWork {
  readonly samples: number;
  readonly usual: PastWork['features'];
}

/** A node with less recent work is not known. */
export const samplesMin = 20;
/** Of so many of the nodes enough must be known to predict the others. */
const knownShareMin = 0.5;

/** What was done of late, by node. */
export function byNode(
  work: readonly { readonly node: string | null; readonly features: PastWork['features'] }[],
): ReadonlyMap<string, NodeWork> {
  const features = new Map<string, PastWork['features'][]>();
  for (const { node, features: one } of work) {
    if (node === null) continue;
    const own = features.get(node);
    if (own) own.push(one);
    else features.set(node, [one]);
  }
  return new Map([...features].map(([node, own]) => [node, { samples: own.length, usual: medians(own) }]));
}

/**
 * What work would take on each node.
 * @param agents how many each node has
 */
export function predicted(
  agents: ReadonlyMap<string, number>,
  work: ReadonlyMap<string, NodeWork>,
  predictor: Pick<LatencyPredictor, 'usable' | 'predict'> | undefined,
): PlaceableNode[] {
  const known = [...agents.keys()].flatMap((node) => {
    const own = work.get(node);
    return own && own.samples >= samplesMin ? [own] : [];
  });
  const isEnough = known.length > 0 && known.length >= knownShareMin * agents.size;
  const unknownMs = predictor?.usable && isEnough ? predictor.predict(likeOthers(known)) : null;
  return [...agents].map(([node, count]) => {
    const own = work.get(node);
    const samples = own?.samples ?? 0;
    const knownMs = own && predictor?.usable ? predictor.predict(own.usual) : null;
    return { node, agents: count, samples, predictedMs: samples < samplesMin ? unknownMs : knownMs };
  });
}

/** One of which nothing is known is taken to be like the others, and to have nothing to do but this. */
const likeOthers = (known: readonly NodeWork[]): PastWork['features'] => ({
  latencyMs: medianOf(known.map(({ usual }) => usual.latencyMs)),
  ...{ inFlight: 1, occupancy: 0, reportedLoad: 0 },
});

function medians(all: readonly PastWork['features'][]): PastWork['features'] {
  const median = (name: keyof PastWork['features']) => medianOf(all.map((features) => features[name]));
  return {
    latencyMs: median('latencyMs'),
    inFlight: median('inFlight'),
    occupancy: median('occupancy'),
    reportedLoad: median('reportedLoad'),
  };
}

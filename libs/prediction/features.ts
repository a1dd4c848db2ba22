import { featureNames, type Features, type WorkSample } from '@nexus/contracts';

/** A situation as models read it: in the order of `featureNames`. */
export function writeFeatures(features: Features, to: Float64Array): Float64Array {
  for (let at = 0; at < featureNames.length; at++) to[at] = features[featureNames[at]!];
  return to;
}

/** Numbers that `writeWork` writes. */
export const workWidth = 4;

/**
 * What is known of an agent as the latency model reads it. Times and counts go in as logarithms: twice as much in flight
 * takes twice as long, whether that is two or two hundred.
 */
export function writeWork(features: WorkSample['features'], to: Float64Array): Float64Array {
  to[0] = Math.log1p(features.latencyMs);
  to[1] = Math.log1p(features.inFlight);
  to[2] = Math.log1p(features.occupancy);
  to[3] = features.reportedLoad;
  return to;
}

import { type AlgorithmName, algorithmNames } from '@nexus/contracts';
import { type SeededRandom } from '@nexus/testing';
import { type UnitPayload } from './unit.js';

/** A request to come. */
export interface PlannedRequest {
  readonly algorithm: AlgorithmName;
  readonly units: readonly UnitPayload[];
}

const unitsARequest = { min: 5, max: 45 };
const takesMs = { min: 2, max: 20 };

/** Parts the units into requests, the algorithms in turn. */
export function planRequests(units: number, random: SeededRandom): PlannedRequest[] {
  const planned: PlannedRequest[] = [];
  for (let first = 0; first < units;) {
    const count = Math.min(units - first, random.integer(unitsARequest.min, unitsARequest.max));
    const from = first;
    planned.push({
      algorithm: algorithmNames[planned.length % algorithmNames.length]!,
      units: Array.from({ length: count }, (_, at) => ({
        unit: `u${from + at}`,
        takesMs: random.integer(takesMs.min, takesMs.max),
      })),
    });
    first += count;
  }
  return planned;
}

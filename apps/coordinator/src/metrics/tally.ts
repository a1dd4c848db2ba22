import { type CoordinationFigures, layerNames, type LayerName, statusSchema } from '@nexus/contracts';
import { quantile } from '@nexus/core/metering';
import { durationBoundsMs, type KeyAccount, throughputBoundsPerS } from './key-account.js';
import { type MetricKey } from './metric-key.js';

/**
 * The figures of one key as names with whole numbers that only grow: so they can be added up by whoever holds them for
 * all, and what is new is a difference. Buckets are named by their bounds, for people who look, and so that figures of
 * another version, with other bounds, are not taken for ours.
 */
export type Tally = ReadonlyMap<string, number>;

const bucketNames = (measure: string, bounds: readonly number[]) => [
  ...bounds.map((bound) => `${measure}:${bound}`),
  `${measure}:more`,
];
const durationNames = bucketNames('durationMs', durationBoundsMs);
const throughputNames = bucketNames('throughputPerS', throughputBoundsPerS);
const layerName = (layer: LayerName) => `layer:${layer}`;

/** What is 0 is left out. */
export function tallyOf(account: KeyAccount): Tally {
  const tally = new Map<string, number>();
  const add = (name: string, count: number) => {
    if (count > 0) tally.set(name, (tally.get(name) ?? 0) + count);
  };
  let durationMs = 0;
  for (const cell of account.cells()) {
    add(cell.status, cell.count);
    add(layerName(cell.layer), cell.count);
    add('agents', cell.agents);
    durationMs += cell.durationMs.sum;
    cell.durationMs.counts.forEach((count, at) => add(durationNames[at]!, count));
    cell.throughputPerS.counts.forEach((count, at) => add(throughputNames[at]!, count));
  }
  add('durationUs', Math.round(durationMs * 1_000));
  add('unitsDone', account.unitsDone);
  add('unitsFailed', account.unitsFailed);
  add('unitsAssigned', account.unitsAssigned);
  for (const count of account.refusals.values()) add('refused', count);
  return tally;
}

/** By how much each figure has grown. */
export function growthOf(before: Tally, now: Tally): [name: string, growth: number][] {
  const growth: [string, number][] = [];
  for (const [name, count] of now) {
    const more = count - (before.get(name) ?? 0);
    if (more > 0) growth.push([name, more]);
  }
  return growth;
}

/** What a tally says. */
export function figuresOf({ type, algorithm }: MetricKey, tally: Tally): CoordinationFigures {
  const count = (name: string) => tally.get(name) ?? 0;
  const durations = durationNames.map(count);
  const throughputs = throughputNames.map(count);
  const measured = durations.reduce((sum, each) => sum + each, 0);
  const layers = layerNames.flatMap((layer) => {
    const served = count(layerName(layer));
    return served > 0 ? [[layer, served] as const] : [];
  });
  const [complete = 0, partial = 0, failed = 0] = statusSchema.options.map(count);
  const p = (bounds: readonly number[], counts: readonly number[], share: number) =>
    quantile(bounds, counts, share) ?? 0;
  return {
    ...{ type, algorithm: algorithm ?? null, complete, partial, failed, refused: count('refused') },
    layers: Object.fromEntries(layers),
    agents: count('agents'),
    units: { done: count('unitsDone'), failed: count('unitsFailed'), assigned: count('unitsAssigned') },
    durationMs:
      measured === 0
        ? null
        : {
            mean: count('durationUs') / measured / 1_000,
            p50: p(durationBoundsMs, durations, 0.5),
            p99: p(durationBoundsMs, durations, 0.99),
          },
    throughputPerS: throughputs.every((each) => each === 0)
      ? null
      : {
          p50: p(throughputBoundsPerS, throughputs, 0.5),
          p99: p(throughputBoundsPerS, throughputs, 0.99),
        },
  };
}

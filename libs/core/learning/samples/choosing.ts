import { assert } from '@nexus/core/invariant';

/**
 * Where samples in the order of time are parted: rows below `trainSize` are learnt from, the later ones tell how good that
 * was. Parted by chance instead, a model would be asked about moments between those it knows, which flatters it.
 * @param holdOutShare above 0 and below 1
 * @returns both at least 1 when there are two samples
 */
export function timeOrderedSplit(
  size: number,
  holdOutShare: number,
): { readonly trainSize: number; readonly holdOutSize: number } {
  assert(holdOutShare > 0 && holdOutShare < 1, 'a part is held out, and a part is not');
  const holdOutSize = size < 2 ? 0 : Math.min(size - 1, Math.max(1, Math.round(size * holdOutShare)));
  return { trainSize: size - holdOutSize, holdOutSize };
}

/**
 * Which samples to learn from so that no source speaks too much: whoever floods is heard `perSourceMax` times like all.
 * @param sources of each sample its agent or user, in the order of time
 * @returns indexes that rise; of each source its newest
 */
export function withinQuotas(sources: readonly string[], perSourceMax: number): number[] {
  assert(Number.isInteger(perSourceMax) && perSourceMax >= 1, 'a source is heard at least once');
  const counts = new Map<string, number>();
  const kept: number[] = [];
  for (let at = sources.length - 1; at >= 0; at--) {
    const count = counts.get(sources[at]!) ?? 0;
    if (count === perSourceMax) continue;
    counts.set(sources[at]!, count + 1);
    kept.push(at);
  }
  return kept.reverse();
}

export interface Shares {
  /** Samples at most, the latest. */
  readonly samples: number;
  /** Share of them that one source may have where there are several, above 0 and up to 1. */
  readonly shareMax: number;
}

/** The share that each source may have: an equal one where there are few, so that a single one speaks over nobody. */
export const shareOf = (sources: readonly string[], shareMax: number): number =>
  Math.max(shareMax, 1 / Math.max(1, new Set(sources).size));

/**
 * The latest samples, of which no source has more than its share.
 * @returns indexes that rise
 */
export function withinShares(sources: readonly string[], { samples, shareMax }: Shares): number[] {
  const quota = Math.max(1, Math.ceil(samples * shareOf(sources, shareMax)));
  return withinQuotas(sources, quota).slice(-Math.max(1, samples));
}

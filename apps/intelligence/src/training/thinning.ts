import { type PastOutcome } from '../history/told-outcome.js';

export interface ThinningOptions {
  /** Outcomes that are kept at most. */
  readonly samples: number;
  /** Of one source at most. */
  readonly sourceMax: number;
  /** Choices that the type has. */
  readonly choices: number;
}

/** The least likelihood of the usual choice that is reckoned with. */
const usualMin = 0.05;

/** Chance had a part in the choice, and fell on one that is not usual. */
const isExplored = ({ explored, propensity }: PastOutcome): boolean => explored && propensity < 1;

/**
 * What chance tried is rare and teaches most: it has up to half of the room, and the usual outcomes of the same time are
 * thinned evenly. The propensities are put right for that, as coordinators do with what they report: they say how likely a
 * choice is among the outcomes that are kept. Undefined where the latest alone hold enough of what was tried.
 */
export function thinned(rows: readonly PastOutcome[], options: ThinningOptions): PastOutcome[] | undefined {
  const { samples, sourceMax } = options;
  const half = Math.floor(samples / 2);
  const triedMax = Math.ceil(sourceMax / 2);
  const tried = latestPerSource(rows.filter(isExplored), triedMax).slice(-half);
  const isEnough = rows.slice(-samples).filter(isExplored).length >= half;
  if (rows.length <= samples || tried.length === 0 || isEnough) return undefined;
  const span = rows.slice(rows.indexOf(tried[0]!));
  const explored = new Kept(span.filter(isExplored), half, () => triedMax);
  const usual = new Kept(
    span.filter((row) => !isExplored(row)),
    samples - explored.size,
    (source) => sourceMax - explored.sizeOf(source),
  );
  return span
    .filter((row) => explored.has(row) || usual.has(row))
    .map((row) => corrected(row, options.choices, usual.shareOf(row.source), explored.shareOf(row.source)));
}

/** Given a situation the usual choice was kept with `usualShare`, and each other one with `exploredShare`. */
function corrected(
  row: PastOutcome,
  choices: number,
  usualShare: number,
  exploredShare: number,
): PastOutcome {
  if (row.propensity === 1) return row;
  const isTried = isExplored(row);
  const usual = isTried ? Math.max(usualMin, 1 - (choices - 1) * row.propensity) : row.propensity;
  const keptInAll = usual * usualShare + (1 - usual) * exploredShare;
  const kept = row.propensity * (isTried ? exploredShare : usualShare);
  return { ...row, propensity: Math.min(1, kept / keptInAll) };
}

/** What is kept of some outcomes: of those of a source that has too many, and then of all, every so manieth. */
class Kept {
  private readonly rows: ReadonlySet<PastOutcome>;
  private readonly sizes: ReadonlyMap<string, number>;
  private readonly shares = new Map<string, number>();
  private readonly shareOfOthers: number;

  constructor(all: readonly PastOutcome[], max: number, sourceMax: (source: string) => number) {
    const before = countsOf(all);
    const ranks = new Map<string, number>();
    const within = all.filter(({ source }) => {
      const rank = ranks.get(source) ?? 0;
      ranks.set(source, rank + 1);
      return isPicked(rank, before.get(source)!, sourceMax(source));
    });
    const rows = within.filter((_, at) => isPicked(at, within.length, max));
    const overall = within.length === 0 ? 1 : rows.length / within.length;
    this.rows = new Set(rows);
    this.sizes = countsOf(rows);
    this.shareOfOthers = overall;
    for (const [source, count] of before) {
      this.shares.set(source, Math.min(1, Math.max(0, sourceMax(source)) / count) * overall);
    }
  }

  get size(): number {
    return this.rows.size;
  }

  has(row: PastOutcome): boolean {
    return this.rows.has(row);
  }

  sizeOf(source: string): number {
    return this.sizes.get(source) ?? 0;
  }

  /** The share of what a source has that is kept. */
  shareOf(source: string): number {
    return this.shares.get(source) ?? this.shareOfOthers;
  }
}

/** Whether one of `count` in a row is among the `max` that are kept, evenly. */
const isPicked = (at: number, count: number, max: number): boolean =>
  count <= max || Math.floor(((at + 1) * max) / count) > Math.floor((at * max) / count);

function countsOf(rows: readonly PastOutcome[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { source } of rows) counts.set(source, (counts.get(source) ?? 0) + 1);
  return counts;
}

function latestPerSource(rows: readonly PastOutcome[], max: number): PastOutcome[] {
  const counts = new Map<string, number>();
  return rows
    .toReversed()
    .filter(({ source }) => {
      counts.set(source, (counts.get(source) ?? 0) + 1);
      return counts.get(source)! <= max;
    })
    .reverse();
}

import { describe, expect, it } from '@jest/globals';
import { fitRidge, SgdRegression, Samples, winsorised, withinQuotas } from './index.js';
import { linearRow, normalOf, rootMeanSquare } from './testdata/synthetic.js';
import { SeededRandom } from '../../testing/simulation/seeded-random.js';

interface Report {
  readonly row: readonly number[];
  readonly target: number;
  readonly source: string;
}

const rule = (row: readonly number[]) => 3 * row[0]! + 0.01 * row[1]! + 2e-6 * row[2]!;
const lies: Record<string, (truth: number) => number> = {
  'the opposite': (truth) => 20 - truth,
  'a hundred times as much': (truth) => 100 * truth,
  'always zero': () => 0,
};

/** 40 honest sources and 10 that lie, and report ten times as often: two of three reports are lies. */
function reportsOf(seed: number, lie: (truth: number) => number): Report[] {
  const random = new SeededRandom(seed);
  const reports: Report[] = [];
  for (let at = 0; at < 50 * 60; at++) {
    const source = at % 50;
    const isLiar = source < 10;
    for (let times = 0; times < (isLiar ? 10 : 1); times++) {
      const row = linearRow(random);
      const truth = rule(row) + 0.5 * normalOf(random);
      reports.push({ row, target: isLiar ? lie(truth) : truth, source: `agent-${source}` });
    }
  }
  return reports;
}

/** What learns from one report at a time needs its quotas by the time as well: the newest of a flood come all at once. */
function thinned(reports: readonly Report[]): Report[] {
  const windowSize = 140 * 5;
  return Array.from({ length: reports.length / windowSize }, (_, at) => {
    const window = reports.slice(at * windowSize, (at + 1) * windowSize);
    const kept = withinQuotas(
      window.map(({ source }) => source),
      5,
    );
    return kept.map((place) => window[place]!);
  }).flat();
}

function ridgeOf(reports: readonly Report[], isRobust: boolean) {
  const samples = new Samples(5);
  for (const { row } of reports) samples.add(row);
  const targets = reports.map(({ target }) => target);
  return fitRidge(samples, isRobust ? winsorised(targets, 0.05) : targets, { isRobust });
}

describe('a fifth of the sources lies and reports ten times as often', () => {
  it.each(Object.keys(lies))(
    'and the error on honest data stays below twice that of honest reports: %s',
    (name) => {
      for (const seed of [81, 82, 83]) {
        const all = reportsOf(seed, lies[name]!);
        const honest = all.filter(({ source }) => Number(source.slice(6)) >= 10);
        const kept = withinQuotas(
          all.map(({ source }) => source),
          60,
        ).map((at) => all[at]!);
        const random = new SeededRandom(seed).fork('unseen');
        const unseen = Array.from({ length: 1_000 }, () => linearRow(random));
        const errorOf = (predict: (row: readonly number[]) => number) =>
          rootMeanSquare(unseen.map((row) => rule(row) + 0.5 * normalOf(random) - predict(row)));
        const clean = ridgeOf(honest, false);
        const cleanError = errorOf((row) => clean.predict(row));
        const robust = ridgeOf(kept, true);
        expect(errorOf((row) => robust.predict(row)) / cleanError).toBeLessThan(2);
        const sgd = new SgdRegression(5);
        for (const { row, target } of thinned(all)) sgd.update(row, target);
        expect(errorOf((row) => sgd.predict(row)) / cleanError).toBeLessThan(2);
        // What it is all for: believed as they come, the reports ruin the model.
        const trusting = ridgeOf(all, false);
        expect(errorOf((row) => trusting.predict(row)) / cleanError).toBeGreaterThan(2);
      }
    },
  );
});

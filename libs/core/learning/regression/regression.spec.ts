import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { type Labelled, labelled, linearRow, normalOf, rootMeanSquare } from '../testdata/synthetic.js';
import { fitRidge } from './ridge.js';
import { SgdRegression } from './sgd-regression.js';

const seeds = [11, 12, 13, 14, 15];
const width = 5;

/** Three of the five features count; before the drift in another way than after it. */
const ruleBefore = (row: readonly number[]) => 3 * row[0]! + 0.01 * row[1]! + 2e-6 * row[2]!;
const ruleAfter = (row: readonly number[]) => 9 - 4 * row[0]! + 0.02 * row[1]! - 1e-6 * row[2]!;

const drawn = (random: SeededRandom, count: number, rule: typeof ruleBefore, noise: number) =>
  labelled(
    count,
    width,
    () => linearRow(random),
    (row) => rule(row) + noise * normalOf(random),
  );

const errorsOf = ({ samples, targets }: Labelled, predict: (row: Float64Array) => number) =>
  rootMeanSquare(targets.map((target, at) => target - predict(samples.rowAt(at))));

const script = fileURLToPath(new URL('../testdata/reference.mjs', import.meta.url));
const rowsOf = ({ samples, targets }: Labelled) => Array.from(targets, (_, at) => [...samples.rowAt(at)]);

/** The error on what is unseen of exact least squares on what was seen, by the package ml-regression. */
function leastSquaresError(seen: Labelled, unseen: Labelled): number {
  const input = { rows: rowsOf(seen), targets: [...seen.targets], unseen: rowsOf(unseen) };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`the reference failed: ${stderr}`);
  const predictions = JSON.parse(stdout) as number[];
  return rootMeanSquare(unseen.targets.map((target, at) => target - predictions[at]!));
}

describe('on a known rule with noise and features that mean nothing', () => {
  it.each(seeds)('ridge and SGD are within 10 % of least squares on unseen data, seed %d', (seed) => {
    const random = new SeededRandom(seed);
    const seen = drawn(random, 2_000, ruleBefore, 0.5);
    const unseen = drawn(random, 1_000, ruleBefore, 0.5);
    const optimum = leastSquaresError(seen, unseen);
    const ridge = fitRidge(seen.samples, seen.targets);
    expect(errorsOf(unseen, (row) => ridge.predict(row)) / optimum).toBeLessThan(1.005);
    const robust = fitRidge(seen.samples, seen.targets, { isRobust: true });
    expect(errorsOf(unseen, (row) => robust.predict(row)) / optimum).toBeLessThan(1.01);
    const sgd = new SgdRegression(width);
    for (const [at, target] of seen.targets.entries()) sgd.update(seen.samples.rowAt(at), target);
    expect(errorsOf(unseen, (row) => sgd.predict(row)) / optimum).toBeLessThan(1.05);
  });

  it('ridge beats least squares where samples are few and features say the same twice', () => {
    const ratios = seeds.map((seed) => {
      const random = new SeededRandom(seed);
      const draw = () => {
        const row = linearRow(random);
        return [...row, row[0]! + 0.01 * normalOf(random), row[1]! + 0.01 * normalOf(random)];
      };
      const truth = (row: readonly number[]) => ruleBefore(row) + normalOf(random);
      const seen = labelled(25, width + 2, draw, truth);
      const unseen = labelled(1_000, width + 2, draw, truth);
      const ridge = fitRidge(seen.samples, seen.targets);
      return errorsOf(unseen, (row) => ridge.predict(row)) / leastSquaresError(seen, unseen);
    });
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(1);
  });

  it.each(seeds)('both follow a drift: ridge of the recent part, SGD by going on, seed %d', (seed) => {
    const random = new SeededRandom(seed);
    const before = drawn(random, 3_000, ruleBefore, 0.5);
    const after = drawn(random, 3_000, ruleAfter, 0.5);
    const unseen = drawn(random, 1_000, ruleAfter, 0.5);
    const optimum = leastSquaresError(after, unseen);
    const ridge = fitRidge(after.samples, after.targets);
    expect(errorsOf(unseen, (row) => ridge.predict(row)) / optimum).toBeLessThan(1.005);
    const sgd = new SgdRegression(width);
    for (const [at, target] of before.targets.entries()) sgd.update(before.samples.rowAt(at), target);
    for (const [at, target] of after.targets.entries()) sgd.update(after.samples.rowAt(at), target);
    const stale = fitRidge(before.samples, before.targets);
    expect(errorsOf(unseen, (row) => sgd.predict(row)) / optimum).toBeLessThan(1.1);
    expect(errorsOf(unseen, (row) => stale.predict(row)) / optimum).toBeGreaterThan(2);
  });
});

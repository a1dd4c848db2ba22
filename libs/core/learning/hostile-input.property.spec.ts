import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  DecisionTree,
  fitRidge,
  fitStrategy,
  growClassifier,
  growTree,
  linearModelOf,
  ProgressiveValidation,
  Samples,
  SgdRegression,
  StrategyModel,
  Tree,
} from './index.js';
import {
  hostileNumber,
  hostileRow,
  hostileSamples,
  isSound,
  isSoundRow,
  mutated,
} from './testdata/hostile.js';
import { fleetRow, labelled } from './testdata/synthetic.js';
import { SeededRandom } from '../../testing/simulation/seeded-random.js';

const runs = { numRuns: 60 };
const finite = (value: number) => expect(Number.isFinite(value)).toBe(true);
const soundJson = (value: unknown) => {
  const text = JSON.stringify(value);
  expect(text).not.toContain('null');
  return JSON.parse(text) as unknown;
};

/** What got in, and the targets of it. */
function taken(rows: readonly (readonly [readonly number[], number])[]) {
  const samples = new Samples(3);
  const targets: number[] = [];
  for (const [row, target] of rows) if (samples.add(row)) targets.push(target);
  return { samples, targets };
}

describe('whatever is reported', () => {
  it('a regression by steps says false to what is not sound, and stays finite', () => {
    fc.assert(
      fc.property(hostileSamples, hostileRow, (rows, asked) => {
        const model = new SgdRegression(3);
        let learnt = 0;
        for (const [row, target] of rows) {
          const isRight = isSoundRow(row) && isSound(target);
          expect(model.update(row, target)).toBe(isRight);
          if (isRight) learnt += 1;
        }
        expect(model.samples).toBe(learnt);
        const prediction = model.predict(asked);
        expect(Number.isNaN(prediction)).toBe(learnt === 0 || !isSoundRow(asked));
        expect(Math.abs(prediction) > 1e12).toBe(false);
        const restored = SgdRegression.restore(soundJson(model.snapshot()), 3)!;
        expect(restored.predict(asked)).toBe(prediction);
      }),
      runs,
    );
  });

  it('a ridge regression is finite, robust or not', () => {
    fc.assert(
      fc.property(
        ...([hostileSamples, hostileRow, fc.boolean(), fc.constantFrom(0, 1, 1e9)] as const),
        (rows, asked, isRobust, lambda) => {
          const { samples, targets } = taken(rows);
          const model = fitRidge(samples, targets, { isRobust, lambda });
          expect(model.samples).toBe(targets.filter(isSound).length);
          if (isSoundRow(asked)) finite(model.predict(asked));
          else expect(model.predict(asked)).toBeNaN();
          const restored = linearModelOf(soundJson(model.snapshot()))!;
          expect(restored.predict(asked)).toBe(model.predict(asked));
        },
      ),
      runs,
    );
  });

  it('a tree is finite and has an answer for anything', () => {
    fc.assert(
      fc.property(hostileSamples, hostileRow, (rows, asked) => {
        const { samples, targets } = taken(rows);
        const tree = growTree(samples, Float64Array.from(targets), 1, { leafMin: 1, splitMin: 2 });
        finite(tree.meanAt(tree.leafOf(asked), 0));
        const restored = Tree.restore(soundJson(tree.snapshot()))!;
        expect(restored.leafOf(asked)).toBe(tree.leafOf(asked));
        const classifier = growClassifier(samples, targets, ['one', 'two'], { samplesMin: 1 });
        if (classifier.kind !== 'grown') return;
        expect(['one', 'two']).toContain(classifier.tree.classify(asked).label);
        expect(DecisionTree.restore(soundJson(classifier.tree.snapshot()))).toBeDefined();
      }),
      runs,
    );
  });

  it('a strategy is finite, or says that there is too little', () => {
    const decisions = fc.array(fc.tuple(hostileRow, hostileNumber, fc.nat(2), hostileNumber), {
      minLength: 20,
      maxLength: 120,
    });
    fc.assert(
      fc.property(decisions, hostileRow, (rows, asked) => {
        const samples = new Samples(3);
        const kept = rows.filter(([row]) => samples.add(row));
        const input = {
          samples,
          actions: kept.map(([, , action]) => action),
          rewards: kept.map(([, reward]) => reward),
          propensities: kept.map(([, , , propensity], at) => (at % 3 === 0 ? propensity : 0.5)),
          ...{ actionCount: 2, samplesMin: 10, actionSamplesMin: 2, tree: { leafMin: 1, splitMin: 2 } },
        };
        const validation = ProgressiveValidation.run({ ...input, baseline: 0 });
        soundJson([validation.value('learnt'), validation.value(1), validation.gain('learnt', 0) ?? 0]);
        const fitted = fitStrategy(input);
        if (fitted.kind !== 'fitted') return;
        const { model } = fitted;
        expect(StrategyModel.restore(soundJson(model.snapshot()))?.choose(asked)).toEqual(
          model.choose(asked),
        );
        const { probability } = model.choose(asked);
        expect(probability >= 0 && probability <= 1).toBe(true);
      }),
      runs,
    );
  });
});

describe('whatever is restored', () => {
  const random = new SeededRandom(71);
  const seen = labelled(
    300,
    3,
    () => fleetRow(random, 1),
    (row) => (row[0]! > 200 ? 1 : row[1]! > 50 ? 2 : 0),
  );
  const sgd = new SgdRegression(3);
  for (const [at, target] of seen.targets.entries()) sgd.update(seen.samples.rowAt(at), target);
  const classifier = growClassifier(seen.samples, seen.targets, ['a', 'b', 'c']);
  const strategy = fitStrategy({
    samples: seen.samples,
    actions: seen.targets,
    rewards: seen.targets,
    propensities: new Float64Array(300).fill(0.3),
    actionCount: 3,
  });
  if (classifier.kind !== 'grown' || strategy.kind !== 'fitted') throw new Error('there are enough samples');
  const snapshots = {
    sgd: sgd.snapshot(),
    linear: fitRidge(seen.samples, seen.targets).snapshot(),
    classifier: classifier.tree.snapshot(),
    strategy: strategy.model.snapshot(),
  };
  /** Restores, and uses what came of it. */
  const used: Record<keyof typeof snapshots, (snapshot: unknown, row: readonly number[]) => unknown> = {
    sgd: (snapshot, row) => SgdRegression.restore(snapshot, 3)?.predict(row),
    linear: (snapshot, row) => {
      const model = linearModelOf(snapshot);
      return model?.width === 3 ? model.predict(row) : undefined;
    },
    classifier: (snapshot, row) => DecisionTree.restore(snapshot)?.classify(row).probability,
    strategy: (snapshot, row) => {
      const model = StrategyModel.restore(snapshot);
      const choice = model?.choose(row);
      if (choice !== undefined) expect(model!.pathOf(choice.leaf).length).toBeLessThan(33);
      return choice?.probability;
    },
  };
  const names = Object.keys(snapshots) as (keyof typeof snapshots)[];

  it('is nothing when it is garbage, and nothing throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.anything(), (name, garbage) => {
        expect(used[name](garbage, [1, 2, 3])).toBeUndefined();
        expect(used[name]({ ...snapshots[name], format: garbage }, [1, 2, 3])).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is nothing, or works, when one place was changed, and nothing throws or goes on for ever', () => {
    const wrong = fc.oneof(
      fc.constantFrom(null, undefined, 'x', NaN, Infinity, 1e308, -1, 0, 1, 2, 0.5, 1e9, [], {}),
      fc.integer({ min: -2, max: 12 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), wrong, (name, at, by) => {
        const result = used[name](mutated(snapshots[name], at, by), [100, 40, 0]);
        expect(result === undefined || Number.isFinite(result)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is nothing when a number is not finite or a field is missing', () => {
    for (const name of names) {
      for (let at = 1; at < 60; at++) {
        for (const by of [undefined, null, Infinity]) {
          expect([name, at, used[name](mutated(snapshots[name], at, by), [100, 40, 0])]).toEqual([
            ...[name, at, undefined],
          ]);
        }
      }
    }
  });
});

import {
  fitRidge,
  fitStrategy,
  growClassifier,
  type LinearModel,
  Samples,
  SgdRegression,
} from '@nexus/core/learning';
import { SeededRandom } from '@nexus/testing';
import { DecisionTreeClassifier } from 'ml-cart';
import { consideredRequest } from '../situations/considered-request.js';
import {
  type CountTable,
  type GroundContext,
  type GroundSection,
  type RateTable,
  workOf,
} from './section.js';

/** What a model is trained on: the design's window and features. */
const rows = 1_000;
const width = 8;
const depth = 5;
const classes = ['foundation', 'performance_optimized', 'hierarchical'];
const seed = 11;
/** Outcomes that the history holds, and coordinators have one of each. */
const historyMax = 10_000;

/** What predicting and learning cost a process; training against the decision tree of the registry. */
export const learning: GroundSection = {
  name: 'learning',
  summary: 'a prediction, an update, a training of 1,000 × 8 at depth 5 against ml-cart, in memory',
  on: 'bare ground',
  run: async (context, onTable) => {
    const data = dataOf(new SeededRandom(seed, 'learning'));
    onTable(await predictions(context, data));
    onTable(await updates(context, data));
    onTable(await requests(context, data));
    onTable(await trainings(context, data));
    onTable(memoryOf());
  },
};

interface Data {
  readonly samples: Samples;
  readonly plain: readonly number[][];
  readonly labels: Int32Array;
  readonly targets: Float64Array;
}

/** A rule over two of the features, with one label in twenty wrong. */
function dataOf(random: SeededRandom): Data {
  const samples = new Samples(width);
  const plain: number[][] = [];
  const labels = new Int32Array(rows);
  const targets = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const features = Array.from({ length: width }, () => 100 * random.next());
    const [first, second] = [features[0]!, features[1]!];
    const rule = first <= 40 ? 0 : second > 35 ? 1 : 2;
    samples.add(features);
    plain.push(features);
    labels[row] = random.next() < 0.05 ? random.integer(0, 2) : rule;
    targets[row] = 3 * first - second + random.between(-5, 5);
  }
  return { samples, plain, labels, targets };
}

function predictions(context: GroundContext, { samples, labels, targets, plain }: Data): Promise<RateTable> {
  const linear: LinearModel = fitRidge(samples, targets);
  const online = trained(samples, targets);
  const tree = treeOf(samples, labels);
  const strategy = strategyOf(samples, labels);
  return workOf(context, {
    title: 'predictions',
    unit: 'predictions/s',
    ways: {
      'linear, trained in batch': inTurn(plain, (row) => linear.predict(row)),
      'linear, trained online': inTurn(plain, (row) => online.predict(row)),
      'tree, with its reasons': inTurn(plain, (row) => tree.classify(row)),
      'choice of a strategy': inTurn(plain, (row) => strategy.choose(row)),
    },
  });
}

function updates(context: GroundContext, { samples, targets, plain }: Data): Promise<RateTable> {
  const online = trained(samples, targets);
  return workOf(context, {
    title: 'online updates',
    unit: 'updates/s',
    ways: { 'linear, online': inTurn(plain, (row, at) => online.update(row, targets[at]!)) },
  });
}

/** What a request costs a coordinator more: looking at it before, and noting what came of it. */
function requests(context: GroundContext, { samples, labels }: Data): Promise<RateTable> {
  const one = consideredRequest(strategyOf(samples, labels));
  return workOf(context, {
    title: 'what each request costs a coordinator',
    unit: 'requests/s',
    ways: { 'considered, chosen for, noted': one },
  });
}

function trainings(context: GroundContext, { samples, plain, labels, targets }: Data): Promise<RateTable> {
  const plainLabels = [...labels];
  return workOf(context, {
    title: `training of ${rows} × ${width}, depth ${depth}`,
    unit: 'trainings/s',
    ways: {
      'ml-cart': () => {
        new DecisionTreeClassifier({ gainFunction: 'gini', maxDepth: depth, minNumSamples: 10 }).train(
          plain,
          plainLabels,
        );
      },
      'tree over histograms': () => void treeOf(samples, labels),
      'linear, in batch': () => void fitRidge(samples, targets),
    },
  });
}

/** What the rows of a full history take as numbers, in memory. */
function memoryOf(): CountTable {
  const history = new Samples(width);
  const random = new SeededRandom(seed, 'history');
  for (let row = 0; row < historyMax; row++) history.add(Array.from({ length: width }, () => random.next()));
  const bytes = history.values.buffer.byteLength;
  return {
    kind: 'counts',
    title: `features of a full history, ${history.size} outcomes`,
    columns: ['bytes', 'bytes an outcome'],
    rows: [{ name: 'in memory, while is trained', values: [bytes, bytes / history.size] }],
  };
}

function trained(samples: Samples, targets: Float64Array): SgdRegression {
  const online = new SgdRegression(samples.width);
  for (let row = 0; row < samples.size; row++) online.update(samples.rowAt(row), targets[row]!);
  return online;
}

function treeOf(samples: Samples, labels: Int32Array) {
  const grown = growClassifier(samples, labels, classes, { depthMax: depth, splitMin: 10 });
  if (grown.kind !== 'grown') throw new Error('there is enough to grow a tree of');
  return grown.tree;
}

/** What was done is right or not, as the label has it. */
function strategyOf(samples: Samples, labels: Int32Array) {
  const random = new SeededRandom(seed, 'decisions');
  const actions = labels.map(() => random.integer(0, classes.length - 1));
  const fitted = fitStrategy({
    ...{ samples, actions, actionCount: classes.length },
    rewards: Float64Array.from(actions, (action, row) => (action === labels[row] ? 1 : 0)),
    propensities: new Float64Array(rows).fill(1 / classes.length),
  });
  if (fitted.kind !== 'fitted') throw new Error('there is enough to fit a strategy to');
  return fitted.model;
}

/** One row after the other, round and round. */
function inTurn(plain: readonly number[][], work: (row: Float64Array, at: number) => unknown): () => void {
  const table = plain.map((row) => Float64Array.from(row));
  let at = 0;
  return () => {
    at = at + 1 === table.length ? 0 : at + 1;
    work(table[at]!, at);
  };
}

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Labelled, rootMeanSquare } from './synthetic.js';

const script = fileURLToPath(new URL('reference.mjs', import.meta.url));
const rowsOf = ({ samples, targets }: Labelled) => Array.from(targets, (_, at) => [...samples.rowAt(at)]);

/** The error on what is unseen of exact least squares on what was seen, by the package ml-regression. */
export function leastSquaresError(seen: Labelled, unseen: Labelled): number {
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

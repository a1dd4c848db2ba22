// Jest cannot load this package, which is of both module systems, so it runs in a process of its own: JSON on
// standard input, the predictions of exact least squares on standard output.
import { text } from 'node:stream/consumers';
import { MultivariateLinearRegression } from 'ml-regression';

const { rows, targets, unseen } = JSON.parse(await text(process.stdin));
const wanted = targets.map((target) => [target]);
const model = new MultivariateLinearRegression(rows, wanted, { statistics: false });
process.stdout.write(JSON.stringify(unseen.map((row) => model.predict(row)[0])));

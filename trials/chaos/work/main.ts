import { asProgram } from '../as-program.js';
import { readCommandLine } from './command-line.js';
import { reportText } from './report/report-text.js';
import { runTrial } from './trial.js';

const { json, report, keep, ...options } = readCommandLine(process.argv);

await asProgram(
  { json, report, keep },
  { run: (surroundings) => runTrial({ ...options, ...surroundings }), textOf: reportText },
);

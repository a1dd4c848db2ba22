import { asProgram } from '../as-program.js';
import { readCommandLine, type ScenarioName } from './command-line.js';
import { reportText } from './report/report-text.js';
import { pausedHolder } from './scenarios/paused-holder.js';
import { pausedLeader } from './scenarios/paused-leader.js';
import { type Scenario } from './scenarios/scenario.js';
import { runTrial } from './trial.js';

const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  'paused-leader': pausedLeader,
  'paused-holder': pausedHolder,
};

const { scenario, json, report, keep, ...options } = readCommandLine(process.argv);
const played = scenario === null ? null : scenarios[scenario];

await asProgram(
  { json, report, keep },
  {
    run: (surroundings) => runTrial({ ...options, ...surroundings, scenario: played }),
    textOf: reportText,
  },
);

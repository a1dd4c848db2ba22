import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readCount } from '../reading/numbers.js';
import { runProgram } from '../session/run-program.js';
import { type Session } from '../session/session.js';
import { chaosArguments, type ChaosOptions } from './chaos-arguments.js';

const examples = `
Exit code 0 when nothing that was acknowledged was lost and every history is linearizable, else 1.

Examples:
  nexus chaos consensus --rounds 10
  nexus chaos consensus --rounds 100 --replicas 5 --json`;

const roundsMax = 100_000;
const seedMax = 2 ** 32 - 1;

/** `nexus chaos` */
export const chaosCommand = (session: Session): Command =>
  new Command('chaos')
    .description('break things on purpose, and see what holds')
    .addCommand(consensusCommand(session))
    .addHelpText('after', examples);

const consensusCommand = (session: Session): Command =>
  new Command('consensus')
    .description('kill, pause, cut off and restart replicas of a decision log under load, then judge it')
    .option('--rounds <n>', 'faults, one after another', readCount(1, roundsMax))
    .addOption(new Option('--replicas <n>', 'replicas, each a process of its own').choices(['3', '5']))
    .option('--seed <n>', 'chooses the faults; the same seed chooses the same', readCount(0, seedMax))
    .option('--json', 'print the report as JSON', false)
    .addHelpText('after', examples)
    .action((options: ChaosOptions) => {
      const entry = join(session.installation.root, 'dist', 'trials', 'chaos', 'main.js');
      return runProgram(session, { entry, what: 'the trial' }, chaosArguments(options));
    });

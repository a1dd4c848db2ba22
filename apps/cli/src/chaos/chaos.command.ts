import { join } from 'node:path';
import { Command } from 'commander';
import { runProgram } from '../session/run-program.js';
import { type Session } from '../session/session.js';

const examples = `
Exit code 0 when nothing that was acknowledged was lost and every history is linearizable, else 1.

Examples:
  nexus chaos consensus --help
  nexus chaos consensus --rounds 10
  nexus chaos consensus --rounds 100 --replicas 5 --seed 7 --json`;

/** `nexus chaos` */
export const chaosCommand = (session: Session): Command =>
  new Command('chaos')
    .description('break things on purpose, and see what holds')
    .addCommand(consensusCommand(session))
    .addHelpText('after', examples);

/** The trial reads its options itself, and has a help of its own. */
const consensusCommand = (session: Session): Command =>
  new Command('consensus')
    .description('kill, pause, cut off and restart replicas of a decision log under load, then judge it')
    .usage('[options]')
    .argument('[options...]', 'as nexus chaos consensus --help tells')
    .helpOption(false)
    .allowUnknownOption()
    .addHelpText('after', examples)
    .action((args: string[]) => {
      const entry = join(session.installation.root, 'dist', 'trials', 'chaos', 'main.js');
      return runProgram(session, { entry, what: 'the trial' }, args);
    });

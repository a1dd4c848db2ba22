import { join } from 'node:path';
import { Command } from 'commander';
import { runProgram } from '../session/run-program.js';
import { type Session } from '../session/session.js';

const examples = `
The same seed gives the same run.

Examples:
  nexus simulate gossip --help
  nexus simulate gossip --nodes 100 --loss 0.2 --seed 7
  nexus simulate gossip --nodes 1000 --json`;

/** `nexus simulate` */
export const simulateCommand = (session: Session): Command =>
  new Command('simulate')
    .description('run the real cores in a simulated network, and see how they do')
    .addCommand(gossipCommand(session))
    .addHelpText('after', examples);

/** The simulation reads its options itself, and has a help of its own. */
const gossipCommand = (session: Session): Command =>
  new Command('gossip')
    .description('spread one change over many members that lose messages, and plot how it converges')
    .usage('[options]')
    .argument('[options...]', 'as nexus simulate gossip --help tells')
    .helpOption(false)
    .allowUnknownOption()
    .addHelpText('after', examples)
    .action((args: string[]) => {
      const entry = join(session.installation.root, 'dist', 'trials', 'simulation', 'gossip-main.js');
      return runProgram(session, { entry, what: 'the simulation' }, args);
    });

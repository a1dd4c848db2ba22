import { Command, Option } from 'commander';
import { readWhole } from '../reading/numbers.js';
import { entryOf } from '../session/installation.js';
import { runProgram } from '../session/run-program.js';
import { type Session } from '../session/session.js';
import { standaloneArguments, type UpOptions } from './standalone-arguments.js';

const examples = `
Examples:
  nexus up                                 the stack and a sample fleet, until Ctrl-C
  nexus up --showcase --once               run the four goal types on the fleet, then end
  nexus up --processes                     each service as a process of its own, three replicas of the log
  nexus up --no-fleet --data-dir ~/nexus   the stack alone, with its data elsewhere`;

const replicaCounts = ['1', '3', '5'];

/** `nexus up` */
export const upCommand = (session: Session): Command =>
  new Command('up')
    .description('start Nexus here: every service in one process, NATS and Redis beside it')
    .option('--showcase', 'run the four goal types on the sample fleet', false)
    .option('--once', 'end after the showcase', false)
    .option('--input <dir>', 'directory whose files the showcase hashes (default: this checkout)')
    .option('--no-fleet', 'start no sample fleet')
    .option('--agents <n>', 'agents of the sample fleet (default: 12)', readWhole)
    .addOption(
      new Option('--replicas <n>', 'replicas of the decision log (default: as many as it has)').choices(
        replicaCounts,
      ),
    )
    .option('--processes', 'run each service as a process of its own, as Compose does', false)
    .option(
      '--data-dir <dir>',
      'where data, logs and pid files lie (default: NEXUS_DATA_DIR, .nexus of this checkout)',
    )
    .addHelpText('after', examples)
    .action((options: UpOptions) => {
      const program = { entry: entryOf(session.installation, 'standalone'), what: 'the stack' };
      return runProgram(session, program, standaloneArguments(options));
    });

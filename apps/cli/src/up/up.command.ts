import { Command } from 'commander';
import { readWhole } from '../reading/numbers.js';
import { type Session } from '../session/session.js';
import { runStandalone } from './run-standalone.js';
import { standaloneArguments, type UpOptions } from './standalone-arguments.js';

const examples = `
Examples:
  nexus up                                 the stack and a sample fleet, until Ctrl-C
  nexus up --showcase --once               run the four goal types on the fleet, then end
  nexus up --no-fleet --data-dir ~/nexus   the stack alone, with its data elsewhere`;

/** `nexus up` */
export const upCommand = (session: Session): Command =>
  new Command('up')
    .description('start Nexus here: every service in one process, NATS and Redis beside it')
    .option('--showcase', 'run the four goal types on the sample fleet', false)
    .option('--once', 'end after the showcase', false)
    .option('--input <dir>', 'directory whose files the showcase hashes (default: this checkout)')
    .option('--no-fleet', 'start no sample fleet')
    .option('--agents <n>', 'agents of the sample fleet (default: 12)', readWhole)
    .option(
      '--data-dir <dir>',
      'where data, logs and pid files lie (default: NEXUS_DATA_DIR, .nexus of this checkout)',
    )
    .addHelpText('after', examples)
    .action((options: UpOptions) => runStandalone(session, standaloneArguments(options)));

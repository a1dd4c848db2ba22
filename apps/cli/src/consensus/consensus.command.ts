import { Command } from 'commander';
import { type Session } from '../session/session.js';
import { membersCommand } from './members.command.js';
import { proposeCommand } from './propose.command.js';
import { readCommand } from './read.command.js';
import { logStatusCommand } from './status.command.js';
import { transferCommand } from './transfer.command.js';
import { watchCommand } from './watch.command.js';

const examples = `
Examples:
  nexus consensus status
  nexus consensus propose put greeting '"hello"'
  nexus consensus read greeting
  nexus consensus members list`;

/** `nexus consensus` */
export const decisionLogCommand = (session: Session): Command =>
  new Command('consensus')
    .description('the decision log: propose to it, read it, tend its replicas')
    .addCommand(logStatusCommand(session))
    .addCommand(proposeCommand(session))
    .addCommand(readCommand(session))
    .addCommand(watchCommand(session))
    .addCommand(transferCommand(session))
    .addCommand(membersCommand(session))
    .addHelpText('after', examples);

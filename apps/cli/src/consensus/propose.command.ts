import { Command } from 'commander';
import { type Session } from '../session/session.js';
import { leaseCommand } from './propose-lease.command.js';
import { campaignCommand, resignCommand } from './propose-office.command.js';
import { decideCommand, deleteCommand, putCommand } from './propose-value.command.js';

const examples = `
Examples:
  nexus consensus propose put config.model '{"name":"v2"}' --expected-version 0
  nexus consensus propose decide winner '"red"' --json
  nexus consensus propose lease acquire printer --owner me --ttl 30s
  nexus consensus propose campaign editor --candidate ann --ttl 30s`;

/** `nexus consensus propose` */
export const proposeCommand = (session: Session): Command =>
  new Command('propose')
    .description('commit a command to the decision log')
    .addCommand(putCommand(session))
    .addCommand(deleteCommand(session))
    .addCommand(decideCommand(session))
    .addCommand(leaseCommand(session))
    .addCommand(campaignCommand(session))
    .addCommand(resignCommand(session))
    .addHelpText('after', examples);

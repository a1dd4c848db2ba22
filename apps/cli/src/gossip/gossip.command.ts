import { Command } from 'commander';
import { type Session } from '../session/session.js';
import { deleteKeyCommand, putKeyCommand } from './put.command.js';
import { stateCommand } from './state.command.js';
import { watchCommand } from './watch.command.js';

const examples = `
Examples:
  nexus gossip state
  nexus gossip put config.rate 50
  nexus gossip delete config.rate
  nexus gossip watch`;

/** `nexus gossip` */
export const gossipCommand = (session: Session): Command =>
  new Command('gossip')
    .description('what all members share: read it, change it, watch it')
    .addCommand(stateCommand(session))
    .addCommand(putKeyCommand(session))
    .addCommand(deleteKeyCommand(session))
    .addCommand(watchCommand(session))
    .addHelpText('after', examples);

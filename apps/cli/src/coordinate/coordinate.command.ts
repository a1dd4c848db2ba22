import { Command } from 'commander';
import { type Session } from '../session/session.js';
import { broadcastCommand } from './broadcast.command.js';
import { consensusCommand } from './consensus.command.js';
import { gatherCommand } from './gather.command.js';
import { loadBalanceCommand } from './load-balance.command.js';

const examples = `
Examples:
  nexus coordinate broadcast --all --payload '{"job":"reindex"}' --acknowledged
  nexus coordinate gather --group workers --aggregate mean --field /cpu
  nexus coordinate consensus --group workers --key hash --option sha256 --option sha512
  nexus coordinate load-balance --capability hash --request a='{"path":"README.md"}'`;

/** `nexus coordinate` */
export const coordinateCommand = (session: Session): Command =>
  new Command('coordinate')
    .description('tell, ask, decide with or share work out over agents')
    .addCommand(broadcastCommand(session))
    .addCommand(gatherCommand(session))
    .addCommand(consensusCommand(session))
    .addCommand(loadBalanceCommand(session))
    .addHelpText('after', examples);

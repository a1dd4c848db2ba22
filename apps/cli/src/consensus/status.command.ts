import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { exitCodeOf } from '../ending/exit-codes.js';
import { type Session } from '../session/session.js';
import { judgeLog } from './log-health.js';
import { renderLogStatus } from './render-status.js';

interface StatusOptions extends ServerOptions {
  readonly json: boolean;
}

const examples = `
Exit code 7 when it has no leader.

Examples:
  nexus consensus status
  nexus consensus status --json`;

/** `nexus consensus status` */
export const logStatusCommand = (session: Session): Command =>
  addLinkOptions(new Command('status'))
    .description('show every replica: role, term, indexes, membership')
    .addHelpText('after', examples)
    .action((options: StatusOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const status = await (await clientOn(link)).consensusStatus();
        const health = judgeLog(status);
        if (options.json) output.json({ ...status, ...health });
        else output.print(renderLogStatus(status, health, output.paint));
        session.exitCode = status.leader === null ? exitCodeOf('unavailable') : 0;
      }),
    );

import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readToken } from '../reading/token.js';
import { type Session } from '../session/session.js';

interface TransferOptions extends ServerOptions {
  readonly json: boolean;
  readonly to?: string;
}

const examples = `
Examples:
  nexus consensus transfer
  nexus consensus transfer --to consensus-2`;

/** `nexus consensus transfer` */
export const transferCommand = (session: Session): Command =>
  addLinkOptions(
    new Command('transfer')
      .description('hand leadership over, as before maintenance')
      .option('--to <replica>', 'who is to lead (default: whoever is furthest)', readToken),
  )
    .addHelpText('after', examples)
    .action((options: TransferOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const reply = await (await clientOn(link)).transferLeadership(options.to);
        if (options.json) output.json(reply);
        else output.print(`${reply.leader} leads, term ${reply.term}`);
      }),
    );

import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { type Session } from '../session/session.js';
import { GossipDoor } from './ask-gossip.js';
import { renderState } from './render-state.js';

interface StateOptions extends ServerOptions {
  readonly json: boolean;
  readonly keyPrefix?: string;
}

const examples = `
It is converged when every live member said that it knows the same, and none is suspected or was lost lately.
A key with several values was put in several places at the same time: put it with --clock to settle that.

Examples:
  nexus gossip state
  nexus gossip state --key-prefix config --json`;

/** `nexus gossip state` */
export const stateCommand = (session: Session): Command =>
  addLinkOptions(new Command('state').option('--key-prefix <text>', 'only keys that begin with it'))
    .description('show the shared keys, and whether all members know the same')
    .addHelpText('after', examples)
    .action((options: StateOptions) =>
      withLink(session, options, async (link) => {
        const { output } = session;
        const state = await new GossipDoor(link).state(options.keyPrefix);
        if (options.json) output.json(state);
        else output.print(renderState(state, output.paint));
        if (state.more && !options.json) output.note('there are more keys: name fewer with --key-prefix');
      }),
    );

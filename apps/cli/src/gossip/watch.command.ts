import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { type Session } from '../session/session.js';
import { isGossipEvent, renderGossipEvent } from './render-event.js';

interface WatchOptions extends ServerOptions {
  readonly json: boolean;
}

const examples = `
What happened while nobody listened is not shown: see nexus members and nexus gossip state.

Examples:
  nexus gossip watch
  nexus gossip watch --json`;

/** `nexus gossip watch` */
export const watchCommand = (session: Session): Command =>
  addLinkOptions(new Command('watch'))
    .description('show who comes and goes, and which keys are in conflict, until Ctrl-C')
    .addHelpText('after', examples)
    .action(({ json, ...options }: WatchOptions) =>
      withLink(session, options, async (link) => {
        const { output, interruption } = session;
        const events = (await clientOn(link)).events();
        interruption.signal.addEventListener('abort', () => void events.return(), { once: true });
        output.note('watching; Ctrl-C ends it');
        for await (const event of events) {
          if (!isGossipEvent(event)) continue;
          if (json) output.json(event);
          else output.print(renderGossipEvent(event, output.paint));
        }
      }),
    );

import { keySchema, parse } from '@nexus/contracts';
import { printable } from '@nexus/platform/terminal';
import { type NexusClient } from '@nexus/sdk';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { clientOn, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { type Session } from '../session/session.js';
import { isLogEvent, renderLogEvent } from './render-change.js';
import { renderReading } from './render-reading.js';

interface WatchOptions extends ServerOptions {
  readonly json: boolean;
}

const examples = `
Without keys every change is shown as it is committed; what happened while nobody listened is not. With keys each
value is shown that stands, or that is newer: some in between may be passed over, and never the last one.

Examples:
  nexus consensus watch
  nexus consensus watch config.model --json`;

/** `nexus consensus watch` */
export const watchCommand = (session: Session): Command =>
  addLinkOptions(new Command('watch'))
    .description('show what is committed, until Ctrl-C')
    .argument('[keys...]', 'only these keys, what stands first')
    .addHelpText('after', examples)
    .action((keys: string[], options: WatchOptions) => {
      for (const key of keys) parse(keySchema, key, key);
      return withLink(session, options, async (link) => {
        const client = await clientOn(link);
        await (keys.length === 0 ? watchAll : watchKeys)(session, client, { keys, json: options.json });
      });
    });

interface Watching {
  readonly keys: readonly string[];
  readonly json: boolean;
}

async function watchAll({ output, interruption }: Session, client: NexusClient, { json }: Watching) {
  const events = client.events();
  interruption.signal.addEventListener('abort', () => void events.return(), { once: true });
  output.note('watching; Ctrl-C ends it');
  for await (const event of events) {
    if (!isLogEvent(event)) continue;
    if (json) output.json(event);
    else output.print(renderLogEvent(event, output.paint));
  }
}

async function watchKeys({ output, interruption }: Session, client: NexusClient, { keys, json }: Watching) {
  const watch = client.watch(keys, {
    onTrouble: (error) =>
      output.note(
        error
          ? `the log cannot be read (${error.code}: ${printable(error.message)}); waiting`
          : 'it can be read again',
      ),
  });
  interruption.signal.addEventListener('abort', () => void watch.return(), { once: true });
  for await (const reading of watch) {
    if (json) output.json(reading);
    else output.print(`${renderReading(reading, output.paint)}\n`);
  }
}

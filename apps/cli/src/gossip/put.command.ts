import {
  type Clock,
  type GossipPutReply,
  gossipDeleteRequestSchema,
  gossipPutRequestSchema,
  parse,
} from '@nexus/contracts';
import { type Colours } from '@nexus/platform/terminal';
import { Command } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { readJson } from '../reading/json.js';
import { readSource } from '../reading/text-source.js';
import { type Session } from '../session/session.js';
import { GossipDoor } from './ask-gossip.js';
import { renderKeys } from './render-state.js';

interface KeyOptions extends ServerOptions {
  readonly json: boolean;
  readonly clock?: string;
  readonly urgent: boolean;
}

const clockHelp =
  'what it replaces: the clock of a reading, JSON (default: all that the serving member knows)';

const addKeyOptions = (command: Command): Command =>
  addLinkOptions(
    command
      .option('--clock <json>', clockHelp)
      .option('--urgent', 'spread it at once, not with the next round', false),
  );

const putExamples = `
Examples:
  nexus gossip put config.rate 50
  nexus gossip put config.limits '{"rate":50}' --urgent`;

/** `nexus gossip put` */
export const putKeyCommand = (session: Session): Command =>
  addKeyOptions(
    new Command('put')
      .description('share a value with all members')
      .argument('<key>', 'what is shared, as config.rate')
      .argument('<value>', 'JSON, @file, or - for standard input'),
  )
    .addHelpText('after', putExamples)
    .action(async (key: string, text: string, options: KeyOptions) => {
      const value = readJson(await readSource(text, session.input), 'the value');
      const request = parse(gossipPutRequestSchema, { key, value, ...given(options) }, 'the value');
      await change(session, options, (door) => door.put(request));
    });

/** `nexus gossip delete` */
export const deleteKeyCommand = (session: Session): Command =>
  addKeyOptions(new Command('delete').description('remove a shared key').argument('<key>', 'what is removed'))
    .addHelpText('after', '\nExample:\n  nexus gossip delete config.rate')
    .action((key: string, options: KeyOptions) => {
      const request = parse(gossipDeleteRequestSchema, { key, ...given(options) }, 'the key');
      return change(session, options, (door) => door.delete(request));
    });

const given = ({ clock, urgent }: KeyOptions) => ({
  urgent,
  ...(clock !== undefined && { clock: readJson(clock, '--clock') as Clock }),
});

const change = (
  session: Session,
  options: KeyOptions,
  ask: (door: GossipDoor) => Promise<GossipPutReply>,
): Promise<void> =>
  withLink(session, options, async (link) => {
    const { output } = session;
    const reply = await ask(new GossipDoor(link));
    if (options.json) output.json(reply);
    else output.print(renderPut(reply, output.paint));
    if (reply.conflict && !options.json) {
      output.note(
        `several values stand; put again with --clock '${JSON.stringify(reply.clock)}' to settle it`,
      );
    }
  });

/** @internal exported for its spec */
export const renderPut = (reply: GossipPutReply, paint: Colours): string =>
  reply.values.length === 0
    ? `${reply.key} is removed; ${reply.member} tells the others`
    : renderKeys([reply], paint);

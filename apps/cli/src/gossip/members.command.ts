import { memberKindSchema, memberStatusSchema } from '@nexus/contracts';
import { Command, Option } from 'commander';
import { addLinkOptions } from '../connect/link-options.js';
import { type Link, withLink } from '../connect/open-client.js';
import { type ServerOptions } from '../connect/server-address.js';
import { redrawing } from '../session/redrawing.js';
import { type Session } from '../session/session.js';
import { GossipDoor, type MemberFilter } from './ask-gossip.js';
import { renderMembers } from './render-members.js';

interface MembersOptions extends ServerOptions, MemberFilter {
  readonly json: boolean;
  readonly watch: boolean;
}

const examples = `
PHI is how unlikely the silence of a member is by its own habit: 1 is one mistake in ten, 8 one in a hundred million.

Examples:
  nexus members
  nexus members --kind service --status suspected
  nexus members --watch`;

/** `nexus members` */
export const membersCommand = (session: Session): Command =>
  addLinkOptions(new Command('members'))
    .description('show who takes part in the gossip, how it does and how sure that is')
    .addOption(new Option('--kind <kind>', 'only services, or only agents').choices(memberKindSchema.options))
    .addOption(new Option('--status <status>', 'only those').choices(memberStatusSchema.options))
    .option('--watch', 'show it anew each second until Ctrl-C', false)
    .addHelpText('after', examples)
    .action((options: MembersOptions) =>
      withLink(session, options, (link) =>
        options.watch
          ? redrawing(session, options, () => show(session, link, options))
          : show(session, link, options),
      ),
    );

async function show({ output }: Session, link: Link, options: MembersOptions): Promise<void> {
  const { kind, status, json, watch } = options;
  const filter = { ...(kind && { kind }), ...(status && { status }) };
  const seen = await new GossipDoor(link).members(filter);
  if (json) {
    output.json(seen);
    return;
  }
  if (watch) output.clear();
  if (seen.members.length === 0) output.note('no member matches');
  else output.print(renderMembers(seen, Date.now(), output.paint));
  if (seen.more) output.note('there are more than these');
}
